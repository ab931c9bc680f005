/** The monitor as a process sees it: the core, behind one port, with a clock that ticks. */
import type { Address, Listener, Method, Page, Timer } from '@understudy/rpc';
import type { View } from './contract.ts';
import { MonitorCore } from './core/monitor.ts';
import type { MonitorNotice } from './notice.ts';
import { type MonitorOptions, type MonitorSettings, settingsOf } from './options.ts';
import type { MonitorStatus } from './status.ts';
import { pingOf } from './wire.ts';

/** A running view service. */
export interface Monitor {
  /** With the port that was really taken. */
  readonly address: Address;
  /** viewnum 0 while there is none, and while it was lost and is not rebuilt yet. */
  readonly view: View;
  status(): MonitorStatus;
  /** The servers go on as they are; nobody is told. */
  close(): Promise<void>;
}

/** Listens, and resolves once pings are taken. INVALID_PARAMS where an option is wrong, naming it. */
export async function startMonitor(options: MonitorOptions): Promise<Monitor> {
  const monitor = new RunningMonitor(settingsOf(options));
  await monitor.start();
  return monitor;
}

class RunningMonitor implements Monitor {
  readonly #settings: MonitorSettings;
  readonly #core: MonitorCore;
  #listener: Listener | undefined;
  #timer: Timer | undefined;
  #closed: Promise<void> | undefined;

  constructor(settings: MonitorSettings) {
    this.#settings = settings;
    const { world, backups, pingInterval, deadPings, newCluster } = settings;
    const newClusterId = Buffer.from(world.random.bytes(16)).toString('hex');
    const now = world.clock.now();
    this.#core = new MonitorCore({ backups, pingInterval, deadPings, newCluster, newClusterId, now });
  }

  get address(): Address {
    return this.#listener?.address ?? this.#settings.listen;
  }

  get view(): View {
    return this.#core.view;
  }

  status(): MonitorStatus {
    return this.#core.status(this.#now());
  }

  async start(): Promise<void> {
    const { world, listen } = this.#settings;
    this.#tick();
    try {
      this.#listener = await world.transport.listen({
        address: listen,
        methods: this.#methods(),
        pages: this.#pages(),
      });
    } catch (error) {
      this.#timer?.cancel();
      throw error;
    }
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const { world, ownsWorld } = this.#settings;
    this.#timer?.cancel();
    await this.#listener?.close();
    if (ownsWorld) await world.transport.close();
  }

  #tick(): void {
    const { world, pingInterval } = this.#settings;
    this.#timer = world.clock.after(pingInterval, () => this.#tick());
    const notices = this.#core.tick(this.#now());
    this.#settings.onStep?.({ ping: undefined, notices, state: this.#core.state });
    this.#tell(notices);
  }

  #methods(): Readonly<Record<string, Method>> {
    return {
      'sysmonitor.ping': (params, reply) => {
        const ping = pingOf(params);
        const { answer, notices } = this.#core.ping(ping, this.#now());
        this.#settings.onStep?.({ ping, notices, state: this.#core.state });
        if (answer.kind === 'view') reply.result({ view: answer.view });
        else reply.failure(answer.failure);
        this.#tell(notices);
      },
      'sysmonitor.view': (_params, reply) => {
        const answer = this.#core.answerView(this.#now());
        if (answer.kind === 'view') reply.result(answer.view);
        else reply.failure(answer.failure);
      },
      'sysmonitor.status': (_params, reply) => reply.result(this.status()),
    };
  }

  #pages(): Readonly<Record<string, Page>> {
    return {
      '/health': () => {
        const { phase, view } = this.status();
        return { status: phase === 'serving' ? 200 : 503, body: { phase, viewnum: view.viewnum } };
      },
      '/status': () => ({ status: 200, body: this.status() }),
      '/cluster/status': () => {
        const { view, acknowledged, waiting, servers } = this.status();
        return { status: 200, body: { view, acknowledged, waiting, servers } };
      },
    };
  }

  #tell(notices: readonly MonitorNotice[]): void {
    for (const notice of notices) this.#settings.onNotice(notice);
  }

  #now(): number {
    return this.#settings.world.clock.now();
  }
}

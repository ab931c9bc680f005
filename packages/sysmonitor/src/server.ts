/**
 * The monitor as a process: runs the core behind one port, drives its clock, and saves its state. The core decides at
 * once, but an answer or a notice leaves only when the state that it depends on is on disk (V9). A ping with a doubtful
 * claim waits until the named server confirms it (doubt.ts).
 */
import {
  type Address,
  type Listener,
  type Method,
  malformed,
  type Pages,
  type Params,
  Refusals,
  type Refused,
  type Reply,
  type Timer,
  UnderstudyError,
} from '@understudy/rpc';
import { ClaimChecks } from './claim-checks.ts';
import type { Ping, PingAnswer, View } from './contract.ts';
import { type Answer, MonitorCore, type PingOutcome } from './core/monitor.ts';
import type { MonitorState } from './core/state.ts';
import { MonitorPage } from './monitor-page.ts';
import type { MonitorNotice } from './notice.ts';
import { type MonitorOptions, type MonitorSettings, type MonitorStep, settingsOf } from './options.ts';
import { pagesOf } from './pages.ts';
import type { MonitorStatus } from './status.ts';
import { Telemetry } from './telemetry.ts';
import { ViewStore } from './view-store.ts';
import { pingOf } from './wire.ts';

/** A running view service. */
export interface Monitor {
  /** The address with the port that was actually bound. */
  readonly address: Address;
  /** viewnum 0 while there is no view, or a lost one is not rebuilt yet. */
  readonly view: View;
  status(): MonitorStatus;
  /**
   * (V12) An operator's command: continue from what this server holds, without the servers that have not reported. Data
   * that only they hold is lost, and if one of them still serves, there are two primaries. Throws INVALID_PARAMS unless
   * the monitor recovers and the server reported data.
   */
  overrule(server: Address): void;
  /** The servers continue without the monitor; they are not notified. */
  close(): Promise<void>;
  /** Resolves when the monitor has ended. The reason is empty if it was asked to end. */
  readonly ended: Promise<string>;
}

/**
 * Resolves once the monitor accepts pings. Fails with INVALID_PARAMS, which names the option, if an option is wrong.
 */
export async function startMonitor(options: MonitorOptions): Promise<Monitor> {
  const monitor = new RunningMonitor(settingsOf(options));
  await monitor.start();
  return monitor;
}

const METHOD = 'sysmonitor.ping';

/**
 * The time for a check, as a multiple of the time of silence. A server whose round trip exceeds it is never confirmed.
 */
const CHECK_PATIENCE = 4;

class RunningMonitor implements Monitor {
  readonly ended: Promise<string>;
  readonly #settings: MonitorSettings;
  readonly #telemetry: Telemetry;
  readonly #page: MonitorPage | undefined;
  readonly #checks: ClaimChecks;
  readonly #refusals: Refusals;
  #core: MonitorCore;
  #store: ViewStore | undefined;
  #end: (reason: string) => void = () => {};
  #listener: Listener | undefined;
  #timer: Timer | undefined;
  #closed: Promise<void> | undefined;

  constructor(settings: MonitorSettings) {
    this.#settings = settings;
    this.#telemetry = new Telemetry(() => this.address, settings.droppedLogRecords);
    this.#refusals = new Refusals(settings.world.clock, (told) => this.#notice(told));
    this.#checks = new ClaimChecks(settings.world, {
      timeoutMs: CHECK_PATIENCE * settings.deadPings * settings.pingInterval,
      askAgainMs: settings.pingInterval,
    });
    this.#core = this.#newCore(undefined, settings.recover);
    if (settings.dashboard !== undefined) {
      this.#page = new MonitorPage({
        settings,
        own: () => this.address,
        status: () => this.status(),
        savedStatus: () => this.#savedStatus(),
        meter: this.#telemetry.meter,
      });
    }
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
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

  overrule(server: Address): void {
    if (this.#core.overrule(server)) return;
    const message = `server: ${server} has reported no data to a monitor that recovers`;
    throw new UnderstudyError('INVALID_PARAMS', message, { data: { field: 'server' } });
  }

  async start(): Promise<void> {
    const { world, listen } = this.#settings;
    await this.#openStore();
    this.#tick();
    try {
      this.#listener = await world.transport.listen({
        address: listen,
        methods: this.#methods(),
        peerMethods: ['sysmonitor.ping'],
        pages: this.#pages(),
        hostNames: this.#settings.allowHosts,
        ...(this.#page !== undefined && { neighbours: this.#page.node.neighbours }),
        observer: this.#telemetry,
      });
      this.#core.opened(this.#now());
    } catch (error) {
      this.#timer?.cancel();
      await this.#store?.close();
      throw error;
    }
  }

  close(): Promise<void> {
    this.#closed ??= this.#close('');
    return this.#closed;
  }

  async #close(reason: string): Promise<void> {
    const { world, ownsWorld, onNotice } = this.#settings;
    const stopped: MonitorNotice = { kind: 'stopped', reason };
    this.#timer?.cancel();
    this.#checks.close();
    this.#page?.notice(stopped);
    this.#page?.node.close();
    await this.#listener?.close();
    await this.#store?.close();
    if (ownsWorld) await world.transport.close();
    onNotice(stopped);
    this.#end(reason);
  }

  #newCore(state: MonitorState | undefined, recover: boolean): MonitorCore {
    const { world, ...settings } = this.#settings;
    const newClusterId = Buffer.from(world.random.bytes(16)).toString('hex');
    return new MonitorCore({ ...settings, recover, newClusterId, state, now: this.#now() });
  }

  async #openStore(): Promise<void> {
    const { world, dataDir: directory, recover } = this.#settings;
    if (directory === undefined) return;
    this.#store = await ViewStore.open({
      disk: world.disk,
      directory,
      onDamaged: (reason, movedTo) => this.#notice({ kind: 'data-damaged', reason, movedTo }),
      onFailure: (error) => {
        this.#closed ??= this.#close(`disk: ${error.message}`);
      },
    });
    const { found, isLost } = this.#store;
    // This holds with `newCluster` too, which says nothing about a directory that held a view: a unit file may keep
    // `--new`.
    if (isLost) this.#core = this.#newCore(undefined, true);
    if (found === undefined) return;
    this.#core = this.#newCore(found, recover);
    if (!recover) this.#notice({ kind: 'restored', view: found.view });
  }

  /** Nothing leaves the monitor before the state that it was made from is on disk (V9). */
  #whenSaved(action: () => void): void {
    if (this.#store === undefined) action();
    else this.#store.whenSaved(this.#core.state, action);
  }

  #tick(): void {
    const { world, pingInterval } = this.#settings;
    this.#timer = world.clock.after(pingInterval, () => this.#tick());
    const notices = this.#core.tick(this.#now());
    const step = { ping: undefined, notices, state: this.#core.state };
    this.#whenSaved(() => this.#tell(step));
  }

  #methods(): Readonly<Record<string, Method>> {
    return {
      [METHOD]: (params, reply) => {
        const ping = this.#read(params);
        const doubt = this.#core.doubts(ping, this.#now());
        if (doubt === undefined) return this.#take(ping, reply, this.#core.ping(ping, this.#now()));
        this.#checks.check(ping, doubt.isKnown, (isConfirmed) => {
          if (this.#closed !== undefined) return;
          if (!isConfirmed) this.#refusals.note(unconfirmed(ping));
          this.#take(ping, reply, isConfirmed ? this.#core.ping(ping, this.#now()) : this.#core.refuse(ping));
        });
      },
      'sysmonitor.view': (_params, reply) =>
        this.#answerView((answer) => {
          if (answer.kind === 'view') reply.result(answer.view);
          else reply.failure(answer.failure);
        }),
      'sysmonitor.status': (_params, reply) => void this.#savedStatus().then((status) => reply.result(status)),
    };
  }

  #read(params: Params): Ping {
    try {
      return pingOf(params);
    } catch (error) {
      if (error instanceof UnderstudyError) this.#refusals.note(malformed(METHOD, params.server, error.message));
      throw error;
    }
  }

  #take(ping: Ping, reply: Reply, { answer, notices }: PingOutcome): void {
    const step = { ping, isRefused: answer.kind === 'failure', notices, state: this.#core.state };
    this.#whenSaved(() => {
      if (answer.kind === 'view') reply.result(pingAnswer(answer));
      else reply.failure(answer.failure);
      this.#tell(step);
    });
  }

  #pages(): Pages {
    const pages = pagesOf({
      status: () => this.#savedStatus(),
      view: () => new Promise((resolve) => this.#answerView(resolve)),
    });
    const page = this.#page?.node.pages ?? {};
    return {
      ...pages,
      ...page,
      '/metrics': async () => this.#telemetry.metrics(await this.#savedStatus(), this.#refusals.counts),
    };
  }

  #answerView(give: (answer: Answer) => void): void {
    const answer = this.#core.answerView(this.#now());
    this.#whenSaved(() => give(answer));
  }

  #savedStatus(): Promise<MonitorStatus> {
    const status = this.status();
    return new Promise((resolve) => this.#whenSaved(() => resolve(status)));
  }

  #tell(step: MonitorStep): void {
    this.#settings.onStep?.(step);
    for (const notice of step.notices) {
      this.#telemetry.notice(notice);
      this.#notice(notice);
    }
  }

  #notice(notice: MonitorNotice): void {
    this.#page?.notice(notice);
    this.#settings.onNotice(notice);
  }

  #now(): number {
    return this.#settings.world.clock.now();
  }
}

function unconfirmed({ server }: Ping): Refused {
  const reason = 'nothing answers there in time and says that it sent it';
  return { kind: 'message-refused', method: METHOD, from: server, why: 'unconfirmed', reason };
}

function pingAnswer({ view, alone }: Answer & { kind: 'view' }): PingAnswer {
  return alone ? { view, alone } : { view };
}

/**
 * The control of `understudy up --chaos`: a port of its own, through which pages of this cluster, and no others, inject
 * faults.
 */
import { type ControlSample, Hub, type Reading, type Self } from '@understudy/dashboard';
import {
  type Address,
  type Listener,
  type PageAnswer,
  type PageRequest,
  type Pages,
  UnderstudyError,
  type World,
} from '@understudy/rpc';
import { DEAD_PINGS, PING_INTERVAL } from '@understudy/sysmonitor';
import type { Child } from '../up/child.ts';
import type { Happening, LocalCluster } from '../up/cluster.ts';
import type { Seat } from '../up/seat.ts';
import { Actions, type Deed } from './actions.ts';
import { Cuts } from './cuts.ts';
import { Load } from './load.ts';
import type { CutOrder } from './orders.ts';

/** Stopped by `close`. The caller stops the cluster. */
export class Control {
  readonly #world: World;
  readonly #cuts = new Cuts();
  readonly #hub: Hub;
  #listener: Listener | undefined;
  #hands: { readonly cluster: LocalCluster; readonly load: Load; readonly actions: Actions } | undefined;

  constructor(world: World) {
    this.#world = world;
    this.#hub = new Hub({ clock: world.clock, self: () => this.#self(), read: async () => this.#read() });
  }

  /** Resolves with the address. No action is possible before `take`. */
  async listen(): Promise<Address> {
    const { transport } = this.#world;
    const neighbours = { known: () => this.#nodes };
    this.#listener = await transport.listen({ address: '127.0.0.1:0', methods: {}, pages: this.#pages(), neighbours });
    return this.#listener.address;
  }

  /** From now on, faults can be injected into this cluster, which may just be starting. */
  take(cluster: LocalCluster): void {
    const load = new Load({ world: this.#world, monitor: () => cluster.seats[0]?.address ?? '' });
    const actions = new Actions({ cluster, load, cuts: this.#cuts, spread: () => this.#spread() });
    this.#hands = { cluster, load, actions };
  }

  /** A new process is cut off like the one before it, from its first message. */
  welcome(seat: Seat, child: Child): void {
    if (this.#hands !== undefined && seat.service === 'server') child.send(this.#orderFor(seat));
  }

  /** Takes the events of the cluster, except those of the control itself. */
  hear(happening: Happening): void {
    if (happening.kind === 'log') return;
    const node = happening.member.address;
    const text = { started: 'runs', ended: 'has ended', 'not-restarted': 'could not be started again' }[happening.kind];
    const level = happening.kind === 'started' ? 'info' : 'warn';
    const notice = { kind: happening.kind, node };
    this.#hub.notice(notice, { level, text: `${node} ${text}` });
  }

  async close(): Promise<void> {
    this.#hub.close();
    await this.#hands?.load.close();
    await this.#listener?.close();
    await this.#world.transport.close();
  }

  get #nodes(): readonly Address[] {
    return this.#hands?.cluster.seats.map(({ address }) => address) ?? [];
  }

  #pages(): Pages {
    return {
      '/chaos': () => ({ status: 200, body: this.#actions.state }),
      '/chaos/': { PUT: (request) => this.#perform(request) },
      '/events': (request) => this.#hub.answer(request),
    };
  }

  async #perform(request: PageRequest): Promise<PageAnswer> {
    const { text, notice }: Deed = await this.#actions.perform(request);
    this.#hub.notice(notice, { level: 'warn', text });
    return { status: 200, body: this.#actions.state };
  }

  get #actions(): Actions {
    if (this.#hands === undefined) throw new UnderstudyError('NOT_READY', 'there is no cluster yet');
    return this.#hands.actions;
  }

  #spread(): void {
    for (const seat of this.#hands?.cluster.seats ?? []) {
      if (seat.service === 'server') seat.child?.send(this.#orderFor(seat));
    }
  }

  #orderFor({ address }: Seat): CutOrder {
    const [monitor = '', ...servers] = this.#nodes;
    return { kind: 'cut', peers: this.#cuts.peersOf(address, monitor, servers) };
  }

  #self(): Self {
    const [monitor = ''] = this.#nodes;
    const node = this.#listener?.address ?? '';
    const times = { pingIntervalMs: PING_INTERVAL, deadPings: DEAD_PINGS };
    return { node, kind: 'control', monitors: [monitor], nodes: this.#nodes, ...times, chaos: node };
  }

  #read(): Reading | undefined {
    if (this.#hands === undefined) return undefined;
    const sample: Omit<ControlSample, 'at'> = { kind: 'control', ...this.#hands.actions.state };
    return { sample, mark: JSON.stringify(sample) };
  }
}

/** One direction between two simulated processes: its delays, its faults, and what is on the way. */
import type { LinkState } from './disturbance.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** Probabilities are per message, unless said otherwise. */
export interface LinkFaults {
  /** What every message takes, at least. */
  readonly latencyMs: number;
  /** Mean of an exponentially distributed delay on top. */
  readonly jitterMs: number;
  /** Probability that what leaves in one turn takes a hundred times as long; everything behind it waits. */
  readonly straggle: number;
  /** Probability that a message vanishes: the call ends by its own deadline. */
  readonly drop: number;
  /** The same, for replies only: executed, never answered. */
  readonly loseReply: number;
  /** Probability that a message arrives a second time, possibly much later. */
  readonly duplicate: number;
  /** Probability that a copy of a message arrives again very much later. */
  readonly replay: number;
  /** Probability that a message leaves the line and is overtaken, or overtakes. */
  readonly reorder: number;
  /** Probability that the connection breaks instead: every call on it fails with CONNECTION_LOST. */
  readonly reset: number;
  /** Bytes that leave in a second. A message waits until those before it have left. */
  readonly bytesPerSecond: number;
  /** Where `bytesPerSecond` is finite: the connections (lanes) wait for each other too, as in one queue of a router. */
  readonly sharedQueue: boolean;
}

/** A good network: messages arrive, in the order in which they were sent. */
export const CALM: LinkFaults = {
  latencyMs: 0.25,
  jitterMs: 0.1,
  straggle: 0,
  drop: 0,
  loseReply: 0,
  duplicate: 0,
  replay: 0,
  reorder: 0,
  reset: 0,
  bytesPerSecond: Number.POSITIVE_INFINITY,
  sharedQueue: false,
};

const STRAGGLE_FACTOR = 100;
/** No straggler is slower than that: everything behind it waits. */
const LONGEST_STRAGGLE_MS = 3_000;

/** What one process sends another in one event travels as one: one write, one read. */
interface Frame<Packet> {
  readonly packets: Packet[];
  /** In which it was opened. */
  readonly event: number;
  /** Of the connection on which it left. */
  readonly connection: number;
}

/** One connection of the link: messages arrive in the order in which they were sent on it. */
interface Lane<Packet> {
  open: Frame<Packet> | undefined;
  lastArrival: number;
  /** When the last message that waits to leave will have left. */
  busyUntil: number;
}

/** Header of a message, in bytes, beside its text. */
const HEADER_BYTES = 100;
/** The queue of all lanes together, by a name that no lane has. */
const SHARED = ' shared';

export interface LinkOptions<Packet> {
  readonly virtual: VirtualClock;
  readonly random: SeededRandom;
  readonly faults: LinkFaults;
  /** Everything that arrives. */
  readonly arrive: (packets: readonly Packet[]) => void;
  /** What will not. */
  readonly lose: (packet: Packet, reason: string) => void;
  /** What waits because the link is clogged. */
  readonly keep: (packet: Packet) => void;
  /** Told when it is cut, clogged or mended. */
  readonly onState: (state: LinkState) => void;
  /** Name of the connection that a packet takes. */
  readonly laneOf: (packet: Packet) => string;
  /** Characters of its text. */
  readonly lengthOf: (packet: Packet) => number;
}

export class Link<Packet> {
  readonly random: SeededRandom;
  readonly #options: LinkOptions<Packet>;
  faults: LinkFaults;
  #cut = false;
  #clogged = false;
  #held: Frame<Packet>[] = [];
  readonly #lanes = new Map<string, Lane<Packet>>();
  #connection = 0;

  constructor(options: LinkOptions<Packet>) {
    this.#options = options;
    this.random = options.random;
    this.faults = options.faults;
  }

  /** Nothing gets through, nor any news of that. */
  get blocked(): boolean {
    return this.#cut || this.#clogged;
  }

  /** In line with everything else that was sent before. */
  send(packet: Packet): void {
    if (this.#cut) {
      this.#options.lose(packet, 'cut');
      return;
    }
    const { events: event } = this.#options.virtual;
    const name = this.#options.laneOf(packet);
    const lane = this.#lane(name);
    const isSlow = Number.isFinite(this.faults.bytesPerSecond);
    if (!isSlow && lane.open?.event === event && lane.open.connection === this.#connection) {
      lane.open.packets.push(packet);
      return;
    }
    const frame = { packets: [packet], event, connection: this.#connection };
    lane.open = isSlow ? undefined : frame;
    const leavesAt = isSlow ? this.#queue(this.faults.sharedQueue ? this.#lane(SHARED) : lane, packet) : this.#now;
    lane.lastArrival = Math.max(lane.lastArrival, leavesAt + this.#latency());
    this.#dispatch(frame, lane.lastArrival, lane);
  }

  /** On its own, `extraMs` later than usual, whatever else is under way. */
  sendAside(packet: Packet, extraMs: number): void {
    if (this.#cut) {
      this.#options.lose(packet, 'cut');
      return;
    }
    const { events: event } = this.#options.virtual;
    this.#dispatch({ packets: [packet], event, connection: this.#connection }, this.#now + this.#latency() + extraMs);
  }

  /** From now on nothing arrives, not even what is under way. */
  cut(): void {
    this.#become(true, this.#clogged);
  }

  /** From now on everything waits. */
  clog(): void {
    this.#become(this.#cut, true);
  }

  mend(): void {
    this.#become(false, false);
    const held = this.#held;
    this.#held = [];
    for (const frame of held) this.#dispatch(frame, this.#now);
  }

  /** The connection broke: what is under way is lost. */
  reset(): void {
    this.#connection++;
  }

  #lane(name: string): Lane<Packet> {
    let lane = this.#lanes.get(name);
    if (lane === undefined) {
      lane = { open: undefined, lastArrival: 0, busyUntil: 0 };
      this.#lanes.set(name, lane);
    }
    return lane;
  }

  /** When the last byte of the packet leaves. */
  #queue(queue: Lane<Packet>, packet: Packet): number {
    const bytes = HEADER_BYTES + this.#options.lengthOf(packet);
    queue.busyUntil = Math.max(queue.busyUntil, this.#now) + (1_000 * bytes) / this.faults.bytesPerSecond;
    return queue.busyUntil;
  }

  get #state(): LinkState {
    if (this.#cut) return 'cut';
    return this.#clogged ? 'clogged' : 'open';
  }

  #become(cut: boolean, clogged: boolean): void {
    const before = this.#state;
    this.#cut = cut;
    this.#clogged = clogged;
    if (this.#state !== before) this.#options.onState(this.#state);
  }

  get #now(): number {
    return this.#options.virtual.now;
  }

  #latency(): number {
    const { latencyMs, jitterMs, straggle } = this.faults;
    const latency = latencyMs + this.random.exponential(jitterMs);
    return this.random.chance(straggle)
      ? Math.max(latency, Math.min(latency * STRAGGLE_FACTOR, LONGEST_STRAGGLE_MS))
      : latency;
  }

  #dispatch(frame: Frame<Packet>, time: number, lane?: Lane<Packet>): void {
    this.#options.virtual.at(time, () => {
      if (lane?.open === frame) lane.open = undefined;
      this.#arrive(frame);
    });
  }

  #arrive(frame: Frame<Packet>): void {
    if (this.#cut) this.#lose(frame, 'cut');
    else if (frame.connection !== this.#connection) this.#lose(frame, 'reset');
    else if (this.#clogged) {
      this.#held.push(frame);
      for (const packet of frame.packets) this.#options.keep(packet);
    } else this.#options.arrive(frame.packets);
  }

  #lose(frame: Frame<Packet>, reason: string): void {
    for (const packet of frame.packets) this.#options.lose(packet, reason);
  }
}

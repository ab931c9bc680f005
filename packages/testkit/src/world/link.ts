/**
 * One direction between two simulated processes: its delays, its faults, and the messages under way. Messages on one
 * connection (lane) stay in order, as on a TCP connection; only `sendAside` breaks the order.
 */
import type { LinkState } from './disturbance.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** Probabilities are per message, unless stated otherwise. */
export interface LinkFaults {
  /** The least time that a message takes. */
  readonly latencyMs: number;
  /** The mean of an additional, exponentially distributed delay. */
  readonly jitterMs: number;
  /** The probability that what leaves in one turn takes a hundred times as long. Everything behind it waits. */
  readonly straggle: number;
  /** The probability that a message is lost. The call then ends by its own deadline. */
  readonly drop: number;
  /** The same for replies only: the request is executed and never answered. */
  readonly loseReply: number;
  /** The probability that a message arrives a second time, possibly much later. */
  readonly duplicate: number;
  /** The probability that a copy of a message arrives very much later. */
  readonly replay: number;
  /** The probability that a message leaves the queue, and so overtakes others or is overtaken. */
  readonly reorder: number;
  /** The probability that the connection breaks instead. Every call on it fails with CONNECTION_LOST. */
  readonly reset: number;
  /** Bytes per second. A message waits until those before it have left. */
  readonly bytesPerSecond: number;
  /** If `bytesPerSecond` is finite: connections (lanes) also wait for each other, as in the queue of a router. */
  readonly sharedQueue: boolean;
}

/** A good network: every message arrives, in the order of sending. */
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
/** The slowest straggler. The bound matters because everything behind it waits. */
const LONGEST_STRAGGLE_MS = 3_000;

/** What one process sends another in one event travels as one frame: one write, one read. */
interface Frame<Packet> {
  readonly packets: Packet[];
  /** The event in which the frame was opened. */
  readonly event: number;
  /** The connection on which the frame left. */
  readonly connection: number;
}

/** One connection of the link. Messages arrive in the order in which they were sent on it. */
interface Lane<Packet> {
  open: Frame<Packet> | undefined;
  lastArrival: number;
  /** When the last waiting message will have left. */
  busyUntil: number;
}

/** The bytes of a message's header, in addition to its text. */
const HEADER_BYTES = 100;
/** The queue of all lanes together. No lane has this name. */
const SHARED = ' shared';

export interface LinkOptions<Packet> {
  readonly virtual: VirtualClock;
  readonly random: SeededRandom;
  readonly faults: LinkFaults;
  /** Takes the packets that arrive. */
  readonly arrive: (packets: readonly Packet[]) => void;
  /** Takes a packet that will not arrive. */
  readonly lose: (packet: Packet, reason: string) => void;
  /** Takes a packet that waits because the link is clogged. */
  readonly keep: (packet: Packet) => void;
  /** Called when the link is cut, clogged or mended. */
  readonly onState: (state: LinkState) => void;
  /** The name of the connection that a packet uses. */
  readonly laneOf: (packet: Packet) => string;
  /** The number of characters in the packet's text. */
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

  /** Nothing gets through, not even the news that nothing does. */
  get blocked(): boolean {
    return this.#cut || this.#clogged;
  }

  /** Sends in order, after everything sent before. */
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

  /** Sends out of order, `extraMs` later than usual. */
  sendAside(packet: Packet, extraMs: number): void {
    if (this.#cut) {
      this.#options.lose(packet, 'cut');
      return;
    }
    const { events: event } = this.#options.virtual;
    this.#dispatch({ packets: [packet], event, connection: this.#connection }, this.#now + this.#latency() + extraMs);
  }

  /** From now on nothing arrives, including packets under way. */
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

  /** The connection broke: packets under way are lost. */
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

  /** The time at which the last byte of the packet leaves. */
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

/**
 * Manages the calls to one address: the calls that wait to be sent, the connection that they use, and when to connect
 * again.
 *
 * Calls of one turn leave in one write. A connection on which nothing is heard is retired and replaced by a new one;
 * its calls still wait for their answers. Calls that are still queued have not left, so their failures are definite.
 */
import { unreachable } from './assert.ts';
import type { Call, CallKeeper } from './call.ts';
import type { Clock, Timer } from './clock.ts';
import { connect, TOO_SLOW } from './connecting.ts';
import { UnderstudyError } from './failure.ts';
import type { Limits } from './limits.ts';
import { type ConnectionOwner, OutgoingConnection } from './outgoing-connection.ts';
import type { Random } from './random.ts';
import type { Address } from './transport.ts';

/**
 * The characters of one write, usually all the calls of a turn. Calls beyond that leave at once, so that the peer can
 * work on them meanwhile.
 */
const WRITE_LENGTH = 16 * 1024;
/** The pause between two attempts, doubling from about the first to about the second. */
const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 100;
/**
 * The connect time-out doubles at most this often. A longer attempt would find a restarted peer later than a new
 * attempt would.
 */
const MOST_DOUBLINGS = 2;

/** The state of the connection that calls leave by. */
type Road =
  | { readonly kind: 'none' }
  | { readonly kind: 'pausing'; readonly timer: Timer }
  | { readonly kind: 'connecting'; readonly abandon: () => void }
  | { readonly kind: 'open'; readonly connection: OutgoingConnection };

export interface PeerOptions {
  readonly address: Address;
  readonly clock: Clock;
  readonly random: Random;
  readonly limits: Limits;
}

export class Peer implements CallKeeper, ConnectionOwner {
  readonly #options: PeerOptions;
  #road: Road = { kind: 'none' };
  /** All connections, including retired ones. */
  readonly #connections = new Set<OutgoingConnection>();
  #queue: Call[] = [];
  /** The characters of queued calls that were not given up. */
  #queuedLength = 0;
  /** The number of queued calls that were given up. */
  #settled = 0;
  #flushDue = false;
  /** The number of consecutive attempts that brought no answer. */
  #failures = 0;
  /**
   * The number of consecutive attempts that took too long. A distant peer needs more time than the initial limit
   * allows.
   */
  #slowConnects = 0;
  /** The earliest time of the next attempt, on the clock. */
  #notBefore = 0;

  constructor(options: PeerOptions) {
    this.#options = options;
  }

  send(call: Call): void {
    const { maxQueuedBytes } = this.#options.limits;
    if (this.#queuedLength + call.length > maxQueuedBytes) return call.fail(overloaded(maxQueuedBytes));
    call.keeper = this;
    this.#queue.push(call);
    this.#queuedLength += call.length;
    if (this.#road.kind === 'none') this.#seekRoad();
    else if (this.#queuedLength >= WRITE_LENGTH) this.#flush();
    this.#flushLater();
  }

  /** Fails all calls. Calls that left by a connection may have been executed; queued ones were not. */
  async close(): Promise<void> {
    this.#leaveRoad();
    this.#failQueue((call) => call.end('CLOSED', 'closed by the caller'));
    await Promise.all([...this.#connections].map((connection) => connection.close()));
  }

  givenUp(call: Call): void {
    this.#queuedLength -= call.length;
    this.#settled++;
    if (this.#settled < 1024 || this.#settled < this.#queue.length / 2) return;
    this.#queue = this.#queue.filter((kept) => kept.isQueued);
    this.#settled = 0;
  }

  /** Queued calls have not left. */
  isMoving(): boolean {
    return false;
  }

  hasRoom(): void {
    this.#flush();
  }

  wasAnswered(): void {
    this.#failures = 0;
  }

  isSilent(connection: OutgoingConnection): void {
    if (this.#road.kind !== 'open' || this.#road.connection !== connection) return;
    this.#road = { kind: 'none' };
    this.#failed();
    connection.retire();
    if (this.#queuedLength > 0) this.#seekRoad();
  }

  ended(connection: OutgoingConnection): void {
    this.#connections.delete(connection);
    if (this.#road.kind !== 'open' || this.#road.connection !== connection) return;
    this.#road = { kind: 'none' };
    if (!connection.hasAnswered) this.#failed();
    if (this.#queuedLength > 0) this.#seekRoad();
  }

  #flushLater(): void {
    if (this.#flushDue || this.#road.kind !== 'open') return;
    this.#flushDue = true;
    this.#options.clock.endOfTurn(() => {
      this.#flushDue = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#road.kind !== 'open' || this.#queue.length === 0) return;
    const { connection } = this.#road;
    let next = 0;
    while (next < this.#queue.length && connection.hasRoom) {
      const calls: Call[] = [];
      let length = 0;
      for (; next < this.#queue.length && length < WRITE_LENGTH; next++) {
        const call = this.#queue[next];
        if (call === undefined || !call.isQueued) continue;
        calls.push(call);
        length += call.length;
      }
      this.#queuedLength -= length;
      connection.send(calls);
    }
    this.#queue = this.#queue.slice(next);
  }

  /** Connects at once, or when the pause after a failure has ended. */
  #seekRoad(): void {
    const { clock } = this.#options;
    const pauseMs = this.#notBefore - clock.now();
    if (pauseMs <= 0) return this.#connect();
    this.#road = { kind: 'pausing', timer: clock.after(pauseMs, () => this.#connect()) };
  }

  #connect(): void {
    const { address, clock, limits } = this.#options;
    const abandon = connect({
      to: address,
      clock,
      timeoutMs: limits.connectTimeoutMs * 2 ** Math.min(this.#slowConnects, MOST_DOUBLINGS),
      onConnected: (socket) => this.#open(new OutgoingConnection(socket, limits, this)),
      onFailed: (reason) => {
        this.#slowConnects = reason === TOO_SLOW ? this.#slowConnects + 1 : 0;
        this.#noRoad(reason);
      },
    });
    this.#road = { kind: 'connecting', abandon };
  }

  #open(connection: OutgoingConnection): void {
    this.#slowConnects = 0;
    this.#connections.add(connection);
    this.#road = { kind: 'open', connection };
    this.#flush();
  }

  #noRoad(reason: string): void {
    this.#road = { kind: 'none' };
    this.#failed();
    const error = new UnderstudyError('UNREACHABLE', `no connection to ${this.#options.address}: ${reason}`);
    this.#failQueue((call) => call.fail(error));
  }

  /** Delays the next attempt, longer after each failure. Jitter keeps many callers from connecting at the same time. */
  #failed(): void {
    const { clock, random } = this.#options;
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.#failures);
    this.#failures++;
    this.#notBefore = clock.now() + pauseMs * (0.5 + random.number() / 2);
  }

  #failQueue(tell: (call: Call) => void): void {
    const calls = this.#queue;
    this.#queue = [];
    this.#queuedLength = 0;
    this.#settled = 0;
    for (const call of calls) tell(call);
  }

  #leaveRoad(): void {
    const road = this.#road;
    this.#road = { kind: 'none' };
    switch (road.kind) {
      case 'none':
      case 'open':
        return;
      case 'pausing':
        return road.timer.cancel();
      case 'connecting':
        return road.abandon();
      default:
        unreachable(road);
    }
  }
}

function overloaded(maxQueuedBytes: number): UnderstudyError {
  return new UnderstudyError('OVERLOADED', `over ${maxQueuedBytes} bytes of calls wait to be sent`, {
    data: { retryAfterMs: LONGEST_PAUSE_MS },
  });
}

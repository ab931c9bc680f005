/**
 * All incoming connections of one process, under bounds for the process as a whole.
 *
 * Memory: what the connections hold is measured after each megabyte of traffic. If all of them, or those of one
 * address, hold more than three quarters of their bound, the large ones are no longer read from, and small ones
 * continue. If they hold more than the bound, or too much for some seconds, the one that holds the most is closed,
 * until the total is below the bound.
 *
 * Places: when all places are taken, a new connection replaces one that is idle or does not read its answers. It is one
 * of the address with the most connections: first the one that has read nothing for longest, then one that never sent a
 * request, then the one that was quiet for longest. If there is none, an address with more than half of all places
 * loses the connection that holds the most to a newcomer of another address.
 *
 * Connections of other nodes are never closed for either reason, so strangers cannot stop the cluster.
 */

import type { Socket } from 'node:net';
import type { Clock, Timer } from './clock.ts';
import { Guest } from './guest.ts';
import type { Limits } from './limits.ts';

/** Memory is measured again after this many bytes. */
const MEASURE_BYTES = 1024 * 1024;
/**
 * What another node's connection holds at most, in bytes: servers send large entries and snapshots in pieces of at most
 * 40,000 UTF-16 units, up to six bytes each, and prepares of 512 KiB.
 */
const MOST_OF_NODE_BYTES = 4 * 1024 * 1024;
/** A connection that holds less than this is always read from. */
const SMALL_BYTES = 64 * 1024;
/** The share of a bound above which reading stops. */
const SOFT_SHARE = 3 / 4;
/** The time between two checks of all connections. */
const LOOK_MS = 1_000;
/** After this many consecutive checks above the limit, the connection that holds the most is closed. */
const PATIENT_LOOKS = 5;

export class Guests {
  readonly #clock: Clock;
  readonly #limits: Limits;
  readonly #guests = new Set<Guest>();
  #moved = 0;
  #isOver = false;
  #looksOver = 0;
  #timer: Timer | undefined;

  constructor(clock: Clock, limits: Limits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** Accepts a connection. Undefined if there is no place; the socket was then closed. */
  welcome(socket: Socket): Guest | undefined {
    const guest = new Guest(socket);
    if (!this.#hasPlace() && !this.#makePlace(guest)) {
      socket.destroy();
      return undefined;
    }
    this.#guests.add(guest);
    socket.once('close', () => this.#forget(guest));
    this.#timer ??= this.#lookLater();
    return guest;
  }

  /** Records bytes that have arrived or wait to leave. */
  note(bytes: number): void {
    this.#moved += bytes;
    if (this.#moved >= MEASURE_BYTES) this.#measure();
  }

  #forget(guest: Guest): void {
    this.#guests.delete(guest);
    if (this.#guests.size > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #hasPlace(): boolean {
    const { maxConnections, keptConnections } = this.#limits;
    return this.#strangers().length < maxConnections - keptConnections;
  }

  /**
   * All connections except those of other nodes. Only as many as there are reserved places count as nodes, because any
   * peer may claim to be one.
   */
  #strangers(): readonly Guest[] {
    let places = this.#limits.keptConnections;
    return [...this.#guests].filter((guest) => !guest.isPeer || places-- <= 0);
  }

  /**
   * The connections under the memory bound: those of strangers, and those of nodes that hold more than a node ever
   * does. Any peer can send one message that only nodes send, and would otherwise hold memory without a bound.
   */
  #bounded(): readonly Guest[] {
    const strangers = new Set(this.#strangers());
    const mostBytes = Math.min(MOST_OF_NODE_BYTES, this.#limits.maxHeldBytes / 16);
    return [...this.#guests].filter((guest) => strangers.has(guest) || guest.heldBytes > mostBytes);
  }

  #makePlace(newcomer: Guest): boolean {
    const strangers = this.#strangers();
    const counts = countBy(strangers, () => 1);
    const leaving = leastNeeded(strangers, counts) ?? ofTheCrowd(strangers, counts, newcomer);
    if (leaving === undefined) return false;
    this.#guests.delete(leaving);
    leaving.end();
    return true;
  }

  #measure(): void {
    this.#moved = 0;
    for (let [full] = this.#overfull(1); full !== undefined; [full] = this.#overfull(1)) this.#endLargest(full);
    this.#isOver = this.#stopLarge();
  }

  /** The groups of connections (those of one address, or all) that together hold more than `share` of their bound. */
  #overfull(share: number): readonly (readonly Guest[])[] {
    const { maxHeldBytes, maxHeldBytesOfAddress } = this.#limits;
    const strangers = this.#bounded();
    const byAddress = countBy(strangers, ({ heldBytes }) => heldBytes);
    const over = [...byAddress]
      .filter(([, bytes]) => bytes > share * maxHeldBytesOfAddress)
      .map(([remote]) => strangers.filter((guest) => guest.remote === remote));
    const sum = [...byAddress.values()].reduce((total, bytes) => total + bytes, 0);
    return sum > share * maxHeldBytes ? [...over, strangers] : over;
  }

  #endLargest(guests: readonly Guest[]): void {
    const largest = greatest(guests, ({ heldBytes }) => heldBytes);
    if (largest === undefined) return;
    this.#guests.delete(largest);
    largest.end();
  }

  /** Stops reading from large connections. Returns whether there was a reason to. */
  #stopLarge(): boolean {
    const over = this.#overfull(SOFT_SHARE);
    const stopped = new Set(over.flat().filter(({ heldBytes }) => heldBytes > SMALL_BYTES));
    for (const guest of this.#guests) guest.isStopped = stopped.has(guest);
    return over.length > 0;
  }

  #lookLater(): Timer {
    // Checked at the end of the turn, so that input that arrived while this process was stopped is read first.
    const timer = this.#clock.after(LOOK_MS, () =>
      this.#clock.endOfTurn(() => {
        if (this.#timer === timer) this.#look();
      }),
    );
    return timer;
  }

  #look(): void {
    this.#timer = this.#lookLater();
    const { firstBytesTimeoutMs, idleTimeoutMs, untakenTimeoutMs } = this.#limits;
    for (const guest of this.#guests) guest.look();
    for (const guest of this.#strangers()) {
      const patienceMs = guest.protocol === undefined ? firstBytesTimeoutMs : idleTimeoutMs;
      const isOver = guest.quietLooks * LOOK_MS >= patienceMs || guest.untakenLooks * LOOK_MS >= untakenTimeoutMs;
      if (isOver) guest.end();
    }
    this.#measure();
    this.#looksOver = this.#isOver ? this.#looksOver + 1 : 0;
    if (this.#looksOver >= PATIENT_LOOKS) this.#endLargest(this.#overfull(SOFT_SHARE)[0] ?? []);
  }
}

/**
 * Chooses among idle connections and those that do not read: one of the address with the most connections. They are in
 * order of arrival.
 */
function leastNeeded(guests: readonly Guest[], counts: ReadonlyMap<string, number>): Guest | undefined {
  const idle = guests.filter(isIdle);
  const most = Math.max(...idle.map(({ remote }) => counts.get(remote) ?? 0));
  const crowd = idle.filter(({ remote }) => counts.get(remote) === most);
  const untaken = crowd.filter(({ untakenLooks }) => untakenLooks > 0);
  return (
    greatest(untaken, ({ untakenLooks }) => untakenLooks) ??
    crowd.find(({ hasSpoken }) => !hasSpoken) ??
    greatest(crowd, ({ quietLooks }) => quietLooks)
  );
}

function isIdle({ isBusy, hasUntaken, hasSpoken, quietLooks, untakenLooks }: Guest): boolean {
  if (isBusy) return false;
  return hasUntaken ? untakenLooks > 0 : !hasSpoken || quietLooks > 0;
}

/**
 * If all are busy: chooses one of an address with more than half of the places, unless the newcomer has that address
 * too.
 */
function ofTheCrowd(guests: readonly Guest[], counts: ReadonlyMap<string, number>, newcomer: Guest): Guest | undefined {
  const crowd = guests.filter(({ remote }) => (counts.get(remote) ?? 0) > guests.length / 2);
  return crowd[0]?.remote === newcomer.remote ? undefined : greatest(crowd, ({ heldBytes }) => heldBytes);
}

/** Sums weights by address. */
function countBy(guests: readonly Guest[], weightOf: (guest: Guest) => number): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const guest of guests) counts.set(guest.remote, (counts.get(guest.remote) ?? 0) + weightOf(guest));
  return counts;
}

/** Returns the greatest; of several, the first. */
function greatest(guests: readonly Guest[], sizeOf: (guest: Guest) => number): Guest | undefined {
  let found: Guest | undefined;
  for (const guest of guests) if (found === undefined || sizeOf(guest) > sizeOf(found)) found = guest;
  return found;
}

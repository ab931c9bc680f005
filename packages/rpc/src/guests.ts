/**
 * All connections to the listeners of one process, under bounds that hold for the process as a whole.
 *
 * Memory: what they hold is measured each time that a megabyte has come or gone. When all of them together, or those of one address, hold
 * more than three quarters of their bound, nothing more is read from those that hold much, and small ones go on. When they hold more than
 * the bound, or have held too much for some seconds, the one that holds most is ended, until it is less.
 *
 * Places: a newcomer gets a place though all are taken, as long as there is a connection that does nothing, or does not take its answers. The
 * first to go is one of the address that has most connections: the one that has taken nothing for longest, or else one that never said
 * anything, or else the one that has been quiet for longest. Where there is none, an address that has more than half of all places loses the
 * connection that holds most to a newcomer of another address.
 *
 * Connections of other nodes are never ended for either: whatever strangers do, the cluster must go on.
 */

import type { Socket } from 'node:net';
import type { Clock, Timer } from './clock.ts';
import { Guest } from './guest.ts';
import type { Limits } from './limits.ts';

/** Bytes after which all is measured again. */
const MEASURE_BYTES = 1024 * 1024;
/** A connection that holds less is read from in any case. */
const SMALL_BYTES = 64 * 1024;
/** Of a bound, above which reading stops. */
const SOFT_SHARE = 3 / 4;
/** Between two looks at every connection. */
const LOOK_MS = 1_000;
/** Looks at too much in a row, after which the connection that holds most is ended. */
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

  /** Undefined: there is no place, and the socket was ended. */
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

  /** So many bytes have come, or wait to go. */
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

  /** All but those of other nodes, as many as there are places kept for: anybody may say that he is one. */
  #strangers(): readonly Guest[] {
    let places = this.#limits.keptConnections;
    return [...this.#guests].filter((guest) => !guest.isPeer || places-- <= 0);
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

  /** Those that hold more than `share` of a bound together: those of one address, or all. */
  #overfull(share: number): readonly (readonly Guest[])[] {
    const { maxHeldBytes, maxHeldBytesOfAddress } = this.#limits;
    const strangers = this.#strangers();
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

  /** Whether there was reason to. */
  #stopLarge(): boolean {
    const over = this.#overfull(SOFT_SHARE);
    const stopped = new Set(over.flat().filter(({ heldBytes }) => heldBytes > SMALL_BYTES));
    for (const guest of this.#guests) guest.isStopped = stopped.has(guest);
    return over.length > 0;
  }

  #lookLater(): Timer {
    // At the end of the turn: what came while this process stood still is read before.
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

/** Of those that do nothing, or take nothing: one of the address that has most connections. They are in the order in which they came. */
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

/** All are at work: one of an address that has more than half of the places, unless the newcomer is of it too. */
function ofTheCrowd(guests: readonly Guest[], counts: ReadonlyMap<string, number>, newcomer: Guest): Guest | undefined {
  const crowd = guests.filter(({ remote }) => (counts.get(remote) ?? 0) > guests.length / 2);
  return crowd[0]?.remote === newcomer.remote ? undefined : greatest(crowd, ({ heldBytes }) => heldBytes);
}

/** By address. */
function countBy(guests: readonly Guest[], weightOf: (guest: Guest) => number): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const guest of guests) counts.set(guest.remote, (counts.get(guest.remote) ?? 0) + weightOf(guest));
  return counts;
}

/** Of several, the one that came first. */
function greatest(guests: readonly Guest[], sizeOf: (guest: Guest) => number): Guest | undefined {
  let found: Guest | undefined;
  for (const guest of guests) if (found === undefined || sizeOf(guest) > sizeOf(found)) found = guest;
  return found;
}

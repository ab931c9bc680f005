/** Leases and the promises behind them (L1-L4; Gray and Cheriton 1989; PacificA). */
import { DRIFT } from './config.ts';
import type { Instant } from './event.ts';

/** What a holder compares its clocks with: a lease stands while neither clock has reached it. */
export const NEVER: Instant = { now: -Infinity, wall: -Infinity };
export const ALWAYS: Instant = { now: Infinity, wall: Infinity };

/** The lease that an accepted prepare grants, counted from the moment it was sent (L1). */
export function leaseFrom(sentAt: Instant, leaseMs: number): Instant {
  return { now: sentAt.now + leaseMs, wall: sentAt.wall + leaseMs };
}

export function later(a: Instant, b: Instant): Instant {
  return { now: Math.max(a.now, b.now), wall: Math.max(a.wall, b.wall) };
}

export function earlier(a: Instant, b: Instant): Instant {
  return { now: Math.min(a.now, b.now), wall: Math.min(a.wall, b.wall) };
}

export function stands(lease: Instant, at: Instant): boolean {
  return at.now < lease.now && at.wall < lease.wall;
}

/** The promises of a backup: until when it will not act as primary of a later view, by the primary's incarnation (L1). */
export class Promises {
  readonly #until = new Map<string, number>();
  /** The view of the last promise, by the primary's incarnation. */
  readonly #viewnums = new Map<string, number>();

  grant(incarnation: string, viewnum: number, receivedAtMs: number, leaseMs: number): void {
    const until = receivedAtMs + leaseMs * DRIFT;
    this.#until.set(incarnation, Math.max(until, this.#until.get(incarnation) ?? 0));
    this.#viewnums.set(incarnation, viewnum);
  }

  /**
   * Ends only what was promised to that incarnation (L6), in that view or before. A primary may take its leave back and
   * serve on in a later view, under new leases, while its release is still on the way.
   */
  release(incarnation: string, viewnum: number): void {
    if ((this.#viewnums.get(incarnation) ?? 0) <= viewnum) this.#forget(incarnation);
  }

  /** When the last promise to any other incarnation runs out; -Infinity: there is none. */
  lastToOthers(incarnation: string): number {
    let last = -Infinity;
    for (const [primary, until] of this.#until) if (primary !== incarnation && until > last) last = until;
    return last;
  }

  forgetOver(nowMs: number): void {
    for (const [primary, until] of this.#until) if (until <= nowMs) this.#forget(primary);
  }

  #forget(incarnation: string): void {
    this.#until.delete(incarnation);
    this.#viewnums.delete(incarnation);
  }
}

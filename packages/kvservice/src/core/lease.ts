/**
 * Leases of the primary, and the promises of backups behind them (L1-L4; Gray and Cheriton 1989; PacificA).
 *
 * A lease is a time to compare with the clocks, never a flag that a timer clears: a process that was suspended would
 * still see the flag set. The holder counts its lease from the moment it sent the prepare. The backup counts its
 * promise from the moment it received the prepare, and makes it longer by DRIFT, so the promise ends after the lease
 * even if the clocks run at different rates.
 */
import { DRIFT } from './config.ts';
import type { Instant } from './event.ts';

/** The end of a lease on both clocks. The lease stands while neither clock has reached it. */
export const NEVER: Instant = { now: -Infinity, wall: -Infinity };
export const ALWAYS: Instant = { now: Infinity, wall: Infinity };

/** The lease granted by an accepted prepare, counted from the moment the prepare was sent (L1). */
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

/**
 * The promises of a backup. They say, by the primary's incarnation, until when the backup will not act as primary of a
 * later view (L1).
 */
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
   * Ends the promises to that incarnation that were made in that view or before (L6). A primary may take its leave back
   * and continue in a later view, under new leases, while its release is still in flight.
   */
  release(incarnation: string, viewnum: number): void {
    if ((this.#viewnums.get(incarnation) ?? 0) <= viewnum) this.#forget(incarnation);
  }

  /** When the last promise to any other incarnation expires; -Infinity if there is none. */
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

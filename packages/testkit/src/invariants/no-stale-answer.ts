/** Once a newer primary has answered anything, no older primary answers a read that arrives later. */
import type { Invariant, ObservedStep } from './invariant.ts';

export class NoStaleAnswer implements Invariant {
  readonly property = 'an old primary answers no read after a newer one has answered';
  readonly rules = 'L1, L2, L3';
  readonly looksAt = 'talk';
  /** The highest view in which anything was answered. */
  #newest = 0;
  /** The value of `#newest` when each read arrived. */
  readonly #arrived = new WeakMap<object, number>();
  /** Reads that any server may answer (L5). They do not show which server acts as primary. */
  readonly #local = new WeakSet<object>();

  onReplica({ event, requests, answers, replica }: ObservedStep): string | undefined {
    // A page of a moment that this run holds stays the same, whichever server is primary.
    if (event.kind === 'snapshot-read') this.#note(event.requester, true);
    for (const request of requests)
      if (request.kind === 'read') this.#note(request.requester, request.consistency !== undefined);
    if (answers.length === 0 || replica.role !== 'primary') return undefined;
    const { viewnum } = replica.view;
    for (const { requester, result } of answers) {
      if (this.#local.has(requester)) continue;
      const newest = this.#arrived.get(requester);
      if (newest !== undefined && newest > viewnum) {
        return `${replica.server} answered ${JSON.stringify(result)} as primary of view ${viewnum}, after the primary of view ${newest} had answered`;
      }
      this.#newest = Math.max(this.#newest, viewnum);
    }
    return undefined;
  }

  /** A read is repeated when its lease has run out. Only its first arrival counts. */
  #note(requester: unknown, isLocal: boolean): void {
    if (typeof requester !== 'object' || requester === null || this.#arrived.has(requester)) return;
    if (isLocal) this.#local.add(requester);
    else this.#arrived.set(requester, this.#newest);
  }
}

/**
 * A read shows at least the revision that its client names. For a sequential read, that is what the client has seen
 * before.
 */
import type { Invariant, ObservedStep } from './invariant.ts';

export class SequentialReads implements Invariant {
  readonly property = 'a read never shows less than its client asks for';
  readonly rules = 'L5';
  readonly looksAt = 'talk';
  readonly #wanted = new WeakMap<object, number>();

  onReplica({ requests, answers, replica }: ObservedStep): string | undefined {
    for (const request of requests) {
      if (request.kind !== 'read') continue;
      const { requester, atLeast } = request;
      if (typeof requester === 'object' && requester !== null && atLeast !== undefined)
        this.#wanted.set(requester, atLeast);
    }
    for (const { requester, result } of answers) {
      const atLeast = this.#wanted.get(requester) ?? 0;
      if (replica.commitIndex < atLeast) {
        return `${replica.server} answered ${JSON.stringify(result)} at ${replica.commitIndex}, and its client asked for ${atLeast} or later`;
      }
    }
    return undefined;
  }
}

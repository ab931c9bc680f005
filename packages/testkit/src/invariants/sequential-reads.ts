/** A sequential read shows at least what its client has seen before. */
import type { Invariant, ObservedStep } from './invariant.ts';

export class SequentialReads implements Invariant {
  readonly property = 'a sequential read never goes back in time';
  readonly rules = 'L5';
  readonly #wanted = new WeakMap<object, number>();

  onReplica({ requests, answers, replica }: ObservedStep): string | undefined {
    for (const request of requests) {
      if (request.kind !== 'read' || request.consistency !== 'sequential') continue;
      const { requester, atLeast } = request;
      if (typeof requester === 'object' && requester !== null) this.#wanted.set(requester, atLeast ?? 0);
    }
    for (const { requester, result } of answers) {
      const atLeast = this.#wanted.get(requester) ?? 0;
      if (replica.commitIndex < atLeast) {
        return `${replica.server} answered ${JSON.stringify(result)} at ${replica.commitIndex}, and its client had seen ${atLeast}`;
      }
    }
    return undefined;
  }
}

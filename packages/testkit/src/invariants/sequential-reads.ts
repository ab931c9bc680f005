/** A sequential read shows at least what its client has seen before. */
import { requestsOf } from '@understudy/kvservice';
import { answersOf } from './answers.ts';
import type { Invariant, ObservedStep } from './invariant.ts';

export class SequentialReads implements Invariant {
  readonly property = 'a sequential read never goes back in time';
  readonly rules = 'L5';
  readonly #wanted = new WeakMap<object, number>();

  onReplica({ event, effects, replica }: ObservedStep): string | undefined {
    for (const request of requestsOf(event)) {
      if (request.kind !== 'read' || request.consistency !== 'sequential') continue;
      const { requester, atLeast } = request;
      if (typeof requester === 'object' && requester !== null) this.#wanted.set(requester, atLeast ?? 0);
    }
    if (effects.length === 0) return undefined;
    for (const { requester, result } of answersOf(effects)) {
      const atLeast = this.#wanted.get(requester) ?? 0;
      if (replica.commitIndex < atLeast) {
        return `${replica.server} answered ${JSON.stringify(result)} at ${replica.commitIndex}, and its client had seen ${atLeast}`;
      }
    }
    return undefined;
  }
}

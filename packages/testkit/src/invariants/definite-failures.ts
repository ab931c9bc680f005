/** A client whose operation is in the log is never told that the operation is definitely not done. */
import { FAILURES } from '@understudy/rpc';
import type { Invariant, ObservedStep } from './invariant.ts';

/**
 * Failures that are the result of executing the operation, which then changes nothing. INVALID_PARAMS: the seq belongs
 * to another operation (S3). OVERLOADED: the results of the session hold as many values as they may (S9).
 */
const OUTCOMES = ['SESSION_UNKNOWN', 'TOO_LARGE', 'INVALID_PARAMS', 'OVERLOADED'];

export class DefiniteFailures implements Invariant {
  readonly property = 'what may be done is never called definitely not done';
  readonly rules = 'S6, R8';
  /** The requesters whose operations were appended. */
  readonly #appended = new WeakSet<object>();

  onReplica(step: ObservedStep): string | undefined {
    const { effects, change, replica } = step;
    // Only a primary appends requested operations. A server that is seen for the first time may have entries from its
    // disk.
    const appends = change !== undefined && change.appended.to >= change.appended.from && replica.role === 'primary';
    if (appends) this.#note(step);
    for (const effect of effects) {
      if (effect.kind !== 'failure' || !isObject(effect.requester) || !this.#appended.has(effect.requester)) continue;
      const { name } = effect.failure;
      if (!FAILURES[name].definite || OUTCOMES.includes(name)) continue;
      return `${replica.server} has an operation in its log, and told whoever asked for it ${name}, which is definite`;
    }
    return undefined;
  }

  /** Some requests of a batch may have been refused instead. */
  #note({ event, requests, effects }: ObservedStep): void {
    const refused = new Set<unknown>();
    if (event.kind === 'requests')
      for (const effect of effects) if (effect.kind === 'failure') refused.add(effect.requester);
    for (const { kind, requester } of requests)
      if (kind === 'write' && isObject(requester) && !refused.has(requester)) this.#appended.add(requester);
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

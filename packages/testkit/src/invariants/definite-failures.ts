/** Nobody whose operation is in the log is told that it is definitely not done. */
import { FAILURES } from '@understudy/rpc';
import type { Invariant, ObservedStep } from './invariant.ts';

/**
 * What the execution itself comes to: it changes nothing, and says so. INVALID_PARAMS: the seq is that of another operation (S3).
 * OVERLOADED: the session holds as many values in its results as it may (S9).
 */
const OUTCOMES = ['SESSION_UNKNOWN', 'TOO_LARGE', 'INVALID_PARAMS', 'OVERLOADED'];

export class DefiniteFailures implements Invariant {
  readonly property = 'what may be done is never called definitely not done';
  readonly rules = 'S6, R8';
  /** Whose operations were appended. */
  readonly #appended = new WeakSet<object>();

  onReplica(step: ObservedStep): string | undefined {
    const { effects, change, replica } = step;
    // Only a primary appends what is asked; entries of a server that is seen for the first time may be from its disk.
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

  /** Of requests that came together some may have been refused instead. */
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

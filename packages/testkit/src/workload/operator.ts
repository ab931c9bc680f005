/** What one client of the workload works with, and how its operations get into the history. */
import type { KVClient } from '@understudy/kvservice';
import { type Transport, UnderstudyError } from '@understudy/rpc';
import type { Situation } from '../simulation/coverage.ts';
import type { Shape } from '../simulation/shape.ts';
import type { SeededRandom } from '../world/seeded-random.ts';
import type { Keys } from './keys.ts';
import { maybeLarge } from './large-text.ts';
import type { Asked, Recorder, Told } from './recorder.ts';

/** One client's tools and knowledge. */
export interface Operator {
  readonly name: string;
  readonly kv: KVClient;
  /** The transport of its process. */
  readonly transport: Transport;
  readonly random: SeededRandom;
  readonly keys: Keys;
  readonly recorder: Recorder;
  readonly shape: Shape;
  readonly saw: (situation: Situation) => void;
  /**
   * The network delivers requests twice, so an operation that was definitely refused may be done by the second copy.
   */
  readonly refusalsMayBeDone: boolean;
  /**
   * Results with values may be dropped before their client has confirmed them, because their bound is very low (S9).
   */
  readonly dropsValues: boolean;
  /**
   * The most characters that a value is padded to. 0: values are not padded, and the servers' memory does not fill up.
   */
  readonly valueUnits: number;
  /** The value last seen of each key. */
  readonly seen: Map<string, string | null>;
  /** The highest revision seen of each key (L5). */
  readonly revisions: Map<string, number>;
  /** The highest revision that a member reported. */
  readonly ahead: { seen: number };
  /** Returns a text that is unique in the whole run. */
  token(): string;
}

/** How long a client waits for the answer to a request that it never repeats. */
export const LONGEST_QUESTION_MS = 1_000;

/**
 * A value that was never written before. It is padded if the servers' memory should fill up, or if large values are
 * wanted.
 */
export function newValue({ random, shape, valueUnits, token }: Operator): string {
  const value = token();
  if (shape === 'large-values') return maybeLarge(value, random);
  return valueUnits === 0 ? value : `${value}.`.padEnd(random.integer(valueUnits / 2, valueUnits), '-');
}

export function outcomeOf(error: unknown, refusalsMayBeDone: boolean): Told {
  const isDefinite = error instanceof UnderstudyError && error.definite && !refusalsMayBeDone;
  return isDefinite ? { kind: 'nothing' } : { kind: 'unknown' };
}

export function note(revisions: Operator['revisions'], key: string, { revision }: { readonly revision: number }): void {
  revisions.set(key, Math.max(revision, revisions.get(key) ?? 0));
}

/** Records the outcome of an operation that is under way. */
export async function recorded<Result>(
  { recorder, refusalsMayBeDone }: Operator,
  asked: Asked,
  result: Promise<Result>,
  outputOf: (result: Result) => string | boolean | null | undefined,
): Promise<Result> {
  try {
    const output = outputOf(await result);
    recorder.end(asked, { kind: 'output', output });
  } catch (error) {
    recorder.end(asked, asked.op === 'get' ? { kind: 'nothing' } : outcomeOf(error, refusalsMayBeDone));
    throw error;
  }
  return result;
}

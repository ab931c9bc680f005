/** One client's share in the workload, and how its operations come into the history. */
import type { KVClient } from '@understudy/kvservice';
import { type Transport, UnderstudyError } from '@understudy/rpc';
import type { Situation } from '../simulation/coverage.ts';
import type { Shape } from '../simulation/shape.ts';
import type { SeededRandom } from '../world/seeded-random.ts';
import type { Keys } from './keys.ts';
import { maybeLarge } from './large-text.ts';
import type { Asked, Recorder, Told } from './recorder.ts';

/** What one client works with. */
export interface Operator {
  readonly name: string;
  readonly kv: KVClient;
  /** Of its process. */
  readonly transport: Transport;
  readonly random: SeededRandom;
  readonly keys: Keys;
  readonly recorder: Recorder;
  readonly shape: Shape;
  readonly saw: (situation: Situation) => void;
  /** The network delivers requests twice: what was definitely refused may be done by the other copy. */
  readonly refusalsMayBeDone: boolean;
  /** Results that hold values may be dropped before their client is sure of them: their bound is very low (S9). */
  readonly dropsValues: boolean;
  /**
   * Characters that values are filled up to at most; 0: they are not, and the memory of the servers does not get full.
   */
  readonly valueUnits: number;
  /** What it last saw of each key. */
  readonly seen: Map<string, string | null>;
  /** The highest revision that it was told of each key (L5). */
  readonly revisions: Map<string, number>;
  /** The highest revision that it was told by a member. */
  readonly ahead: { seen: number };
  /** Unique over the whole run. */
  token(): string;
}

/** How long a client waits for the answer to a question that it asks once. */
export const LONGEST_QUESTION_MS = 1_000;

/**
 * Never written before; filled up to some length where the memory of the servers is to get full, or where large values
 * are wanted.
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

/** Writes down what comes of an operation that is under way. */
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

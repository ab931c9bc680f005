/**
 * A remembered result: the outcome of one operation, and a 32-bit digest that identifies the operation (S3).
 *
 * A client that uses a seq twice must not get the answer to another operation. A digest of each operation would cost
 * several percent of all writes, and most results are acknowledged within milliseconds. So the operation itself is kept
 * at first. Its digest is made only when it is needed: for a repetition, a snapshot, the disk, or when kept operations
 * exceed their bound (see sessions.ts).
 */

import { fnvOfUnit, fnvOfUnits, OFFSET_BASIS } from './fnv.ts';
import { type Operation, type Outcome, tellsValue } from './operation.ts';

export class Remembered {
  /** The outcome as it is kept, without text that a repetition brings along. */
  readonly outcome: Outcome;
  #operation: Operation | undefined;
  #digest: number | undefined;

  constructor(outcome: Outcome, operation: Operation | undefined, digest?: number) {
    // Most operations are puts, and their results hold no text.
    this.outcome = operation === undefined || tellsValue(operation) ? withoutOwnText(outcome) : outcome;
    this.#operation = operation;
    this.#digest = digest;
  }

  /** Undefined if a server of an older version executed the operation, because that version makes no digests. */
  get digest(): number | undefined {
    this.forgetOperation();
    return this.#digest;
  }

  /** Replaces the operation by its digest. */
  forgetOperation(): void {
    if (this.#operation === undefined) return;
    this.#digest = digestOf(this.#operation);
    this.#operation = undefined;
  }

  /** The UTF-16 units of the value in the outcome (S9). */
  get textUnits(): number {
    if (this.outcome.kind !== 'result') return 0;
    const { result } = this.outcome;
    if ('previous' in result) return result.previous.length;
    return 'swapped' in result ? (result.current?.length ?? 0) : 0;
  }

  /** Replaces the outcome of the operation. */
  replacedBy(outcome: Outcome): Remembered {
    return new Remembered(outcome, undefined, this.digest);
  }

  /** The outcome for a repetition of the operation, equal to the first one. */
  outcomeOf(operation: Operation): Outcome {
    const { outcome } = this;
    if (operation.kind !== 'cas' && operation.kind !== 'casRevision') return outcome;
    if (outcome.kind !== 'result' || !('swapped' in outcome.result) || !outcome.result.swapped) return outcome;
    const { revision } = outcome.result;
    return { kind: 'result', result: { swapped: true, revision, current: operation.value } };
  }

  /** False only if the outcome certainly belongs to another operation. */
  isOf(operation: Operation): boolean {
    return operation === this.#operation || this.digest === undefined || this.digest === digestOf(operation);
  }
}

/** Drops the value from the result of a cas that swapped. A repetition brings that value along. */
function withoutOwnText(outcome: Outcome): Outcome {
  if (outcome.kind !== 'result' || !('swapped' in outcome.result) || !outcome.result.swapped) return outcome;
  const { revision } = outcome.result;
  return { kind: 'result', result: { swapped: true, revision, current: null } };
}

/**
 * Computes the digest: FNV-1a over the operation's texts, in UTF-16 units, with their lengths. It is the same on every
 * server and in every run.
 */
export function digestOf(operation: Operation): number {
  let hash = withText(OFFSET_BASIS, operation.kind);
  for (const part of partsOf(operation)) {
    if (typeof part === 'string') hash = withText(hash, part);
    else hash = fnvOfUnit(hash, part ?? NULL_UNIT);
  }
  return hash >>> 0;
}

/** Differs from every text length and every revision. */
const NULL_UNIT = -1;

function withText(before: number, text: string): number {
  return fnvOfUnits(text, fnvOfUnit(before, text.length));
}

function partsOf(operation: Operation): readonly (string | number | null)[] {
  switch (operation.kind) {
    case 'put':
    case 'append':
    case 'putHash':
      return [operation.key, operation.value];
    case 'delete':
      return [operation.key];
    case 'cas':
      return [operation.key, operation.expected, operation.value];
    case 'casRevision':
      return [operation.key, operation.revision, operation.value];
    case 'openSession':
      return [operation.client];
    case 'expireSession':
      return [operation.session];
    case 'nothing':
      return [];
  }
}

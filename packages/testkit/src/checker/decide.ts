/** One key's verdict: which searches it takes. */
import type { Budget } from './budget.ts';
import type { Scalar } from './history.ts';
import { type Operation, textOf } from './operation.ts';
import { isKnown, partFrom, prefixOf } from './part.ts';
import { Search, type Verdict } from './search.ts';
import { unseenHashes } from './unseen-hashes.ts';

interface Question {
  readonly operations: readonly Operation[];
  readonly init: Scalar;
  readonly budget: Budget;
}

/** Never wrong. The first search answers, but where operations without an output hash values that nobody saw. */
export function decide(question: Question): Verdict {
  const unseen = unseenHashes(question.operations, textOf(question.init));
  const quick = new Search({ ...question, hashes: 'refuse', unseen });
  const verdict = quick.run();
  if (verdict !== 'violation' || !quick.refused) return verdict;
  const { budget } = question;
  if (isBadAround(quick.furthest, question)) return 'violation';
  const early = new Search({ ...question, hashes: 'know', budget: budget.part(A_FEW_STEPS) }).run();
  if (early !== 'undecided') return early;
  const guess = new Search({ ...question, hashes: 'guess', budget: budget.part(budget.stepsLeft / 2) });
  return guess.run() === 'violation' ? 'violation' : new Search({ ...question, hashes: 'know' }).run();
}

/**
 * Whether what happened shortly before `end` is a violation, whatever the key held before. True is certain. A search
 * for the whole history would have to go through every way to get there.
 */
function isBadAround(end: number, { operations, init, budget }: Question): boolean {
  const returning = operations.filter(isKnown).sort((one, other) => one.end - other.end);
  const length = returning.findIndex((it) => it.end > end);
  const prefix = prefixOf(operations, returning, length < 0 ? returning.length : length);
  const calls = prefix.filter(isKnown).map(({ call }) => call);
  calls.sort((one, other) => other - one);
  return WINDOWS.some((size) => {
    const from = calls[size];
    const part = from === undefined ? prefix : partFrom(prefix, from);
    const share = budget.part(STEPS_A_WINDOW);
    return (
      new Search({ operations: part, init, hashes: 'any', anyStart: from !== undefined, budget: share }).run() ===
      'violation'
    );
  });
}

/** Operations that are looked back at. */
const WINDOWS = [10, 30, 100, 300, 1_000] as const;
const STEPS_A_WINDOW = 200_000;

/** Enough where the contradiction comes early, before there are many ways to go. */
const A_FEW_STEPS = 1_000_000;

/** True is certain; false is not: hashes may be taken for what they are not, and the budget may not suffice. */
export function isContradiction(question: Question & { readonly anyStart?: boolean }): boolean {
  return (['any', 'guess'] as const).some((hashes) => new Search({ ...question, hashes }).run() === 'violation');
}

/** Values that the key may hold from the time `from` on, the latest first; not all of them when the budget is small. */
export function explore({ from, ...question }: Question & { readonly from: number }): readonly Scalar[] {
  const values = new Set<Scalar>();
  new Search({ ...question, hashes: 'know', watch: { from, values } }).run();
  return [...values].reverse();
}

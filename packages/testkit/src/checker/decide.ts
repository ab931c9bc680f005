/** Decides the verdict for one key, by one search or several. */
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

/**
 * The verdict is never wrong. The first search decides, unless operations without an output hash values that no
 * operation observed.
 */
export function decide(question: Question): Verdict {
  const unseen = unseenHashes(question.operations, textOf(question.init));
  const quick = new Search({ ...question, hashes: 'refuse', unseen });
  let lookedAt = Number.NEGATIVE_INFINITY;
  for (let patience = PATIENCE; ; patience *= 4) {
    const verdict = quick.run(() => quick.stuckFor > patience);
    if (verdict === 'linearizable' || (verdict === 'violation' && !quick.refused)) return verdict;
    if (quick.furthest !== lookedAt && isBadAround(quick.furthest, question)) return 'violation';
    lookedAt = quick.furthest;
    if (verdict === 'undecided') return verdict;
    if (verdict === 'violation') break;
  }
  const { budget } = question;
  const early = new Search({ ...question, hashes: 'know', budget: budget.part(A_FEW_STEPS) }).run();
  if (early !== 'undecided') return early;
  const guess = new Search({ ...question, hashes: 'guess', budget: budget.part(budget.stepsLeft / 2) });
  return guess.run() === 'violation' ? 'violation' : new Search({ ...question, hashes: 'know' }).run();
}

/** After this many steps without progress, the place where the search is stuck is checked alone. */
const PATIENCE = 20_000;

/**
 * Whether the operations around `moment` are a violation, whatever the key held before. True is certain. A search over
 * the whole history would have to try every way to get there.
 */
function isBadAround(moment: number, { operations, init, budget }: Question): boolean {
  const returning = operations.filter(isKnown).sort((one, other) => one.end - other.end);
  const found = returning.findIndex((it) => it.end > moment);
  const reached = found < 0 ? returning.length : found;
  return WINDOWS.some(({ back, ahead }) => {
    const length = Math.min(returning.length, reached + ahead);
    const prefix = prefixOf(operations, returning, length);
    const from = returning
      .slice(0, length)
      .map(({ call }) => call)
      .sort((one, other) => other - one)[back + ahead];
    const part = from === undefined ? prefix : partFrom(prefix, from);
    const share = budget.part(STEPS_A_WINDOW);
    return (
      new Search({ operations: part, init, hashes: 'any', anyStart: from !== undefined, budget: share }).run() ===
      'violation'
    );
  });
}

/** Windows of operations: `back` that returned before the moment, and `ahead` that returned after it. */
const WINDOWS = [
  { back: 10, ahead: 0 },
  { back: 30, ahead: 30 },
  { back: 100, ahead: 100 },
  { back: 300, ahead: 300 },
  { back: 1_000, ahead: 0 },
  { back: 1_000, ahead: 1_000 },
] as const;
const STEPS_A_WINDOW = 200_000;

/** Enough if the contradiction comes early, before the search has many branches. */
const A_FEW_STEPS = 1_000_000;

/** True is certain. False is not: hashes may be assumed to be what they are not, and the budget may be too small. */
export function isContradiction(question: Question & { readonly anyStart?: boolean }): boolean {
  return (['any', 'guess'] as const).some((hashes) => new Search({ ...question, hashes }).run() === 'violation');
}

/** Values that the key may hold from the time `from` on, the latest first. Incomplete if the budget is small. */
export function explore({ from, ...question }: Question & { readonly from: number }): readonly Scalar[] {
  const values = new Set<Scalar>();
  new Search({ ...question, hashes: 'know', watch: { from, values } }).run();
  return [...values].reverse();
}

/** One key's verdict: which searches it takes. */
import type { Budget } from './budget.ts';
import type { Scalar } from './history.ts';
import type { Operation } from './operation.ts';
import { Search, type Verdict } from './search.ts';

interface Question {
  readonly operations: readonly Operation[];
  readonly init: Scalar;
  readonly budget: Budget;
}

/** Never wrong. The first search answers, but where operations without an output hash values that nobody saw. */
export function decide(question: Question): Verdict {
  const quick = new Search({ ...question, hashes: 'refuse' });
  const verdict = quick.run();
  if (verdict !== 'violation' || !quick.refused) return verdict;
  if (isContradiction(question)) return 'violation';
  return new Search({ ...question, hashes: 'know' }).run();
}

/** True is certain; false is not: hashes may be taken for what they are not, and the budget may not suffice. */
export function isContradiction(question: Question & { readonly anyStart?: boolean }): boolean {
  return new Search({ ...question, hashes: 'guess' }).run() === 'violation';
}

/** Values that the key may hold from the time `from` on, the latest first; not all of them when the budget is small. */
export function explore({ from, ...question }: Question & { readonly from: number }): readonly Scalar[] {
  const values = new Set<Scalar>();
  new Search({ ...question, hashes: 'know', watch: { from, values } }).run();
  return [...values].reverse();
}

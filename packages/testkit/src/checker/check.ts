/** Whether a history is linearizable: every operation took effect at one moment between its call and its return. */
import { Budget, type CheckBudget } from './budget.ts';
import type { History } from './history.ts';
import { type ReadHistory, readHistory } from './history-reader.ts';
import { search, type Verdict } from './search.ts';

export interface CheckOptions {
  /** When it is used up, the verdict is "undecided". */
  readonly budget?: CheckBudget | undefined;
}

export interface CheckResult {
  readonly verdict: Verdict;
  /** Events of the history; of these, with unknown outcome; and those that certainly did nothing. */
  readonly operations: number;
  readonly unknown: number;
  readonly failed: number;
  readonly keys: number;
  /** Configurations that the search looked at. */
  readonly steps: number;
  /** Keys that the budget did not suffice for. */
  readonly undecided: readonly string[];
  /** The first key found that no order of its operations explains. */
  readonly key?: string;
}

/**
 * Keys are independent, so each is looked at alone (P-compositionality: A. Horn, D. Kroening, Faster linearizability checking via
 * P-compositionality, FORTE 2015).
 *
 * @throws HistoryError when the history is not what it should be.
 */
export function checkLinearizable(history: History, { budget = {} }: CheckOptions = {}): CheckResult {
  const read = readHistory(history);
  const { operations, unknown, failed, keys } = read;
  const found = checkKeys(read, budget);
  return { operations, unknown, failed, keys: keys.size, ...found };
}

function checkKeys(
  { keys, init }: ReadHistory,
  limits: CheckBudget,
): Pick<CheckResult, 'verdict' | 'steps' | 'undecided' | 'key'> {
  const undecided: string[] = [];
  const bySize = [...keys].sort(([, one], [, other]) => one.length - other.length);
  let left = new Budget(limits).stepsLeft;
  let steps = 0;
  for (const [at, [key, operations]] of bySize.entries()) {
    const budget = new Budget({ ...limits, steps: Math.ceil(left / (bySize.length - at)) });
    const verdict = search(operations, init, budget);
    steps += budget.stepsSpent;
    left -= budget.stepsSpent;
    if (verdict === 'violation') return { verdict, steps, undecided, key };
    if (verdict === 'undecided') undecided.push(key);
  }
  return { verdict: undecided.length > 0 ? 'undecided' : 'linearizable', steps, undecided };
}

/**
 * Checks whether a history is linearizable: every operation took effect at one moment between its call and its return.
 */
import { Budget, type CheckBudget } from './budget.ts';
import { decide } from './decide.ts';
import { explainViolation } from './explanation.ts';
import type { History } from './history.ts';
import { type ReadHistory, readHistory } from './history-reader.ts';
import type { Verdict } from './search.ts';
import type { Violation } from './violation.ts';

export interface CheckOptions {
  /** When the budget is used up, the verdict is "undecided". */
  readonly budget?: CheckBudget | undefined;
}

export interface CheckResult {
  readonly verdict: Verdict;
  /** The number of events; of these, the operations with unknown outcome, and those that certainly did nothing. */
  readonly operations: number;
  readonly unknown: number;
  readonly failed: number;
  readonly keys: number;
  /** How often the search tried to let an operation take effect. */
  readonly steps: number;
  /** Keys for which the budget was too small. */
  readonly undecided: readonly string[];
  /** The undecided keys that ran out of states. More steps would not help. */
  readonly outOfStates: readonly string[];
  /** The violation of the first key that no order of its operations explains. */
  readonly violation?: Violation;
}

/**
 * Keys are independent, so each is checked alone (P-compositionality: A. Horn, D. Kroening, Faster linearizability
 * checking via P-compositionality, FORTE 2015).
 *
 * @throws HistoryError if the history is malformed.
 */
export function checkLinearizable(history: History, { budget = {} }: CheckOptions = {}): CheckResult {
  const read = readHistory(history);
  const { verdict, steps, undecided, outOfStates, key } = checkKeys(read, budget);
  const result = {
    verdict,
    operations: read.operations,
    unknown: read.unknown,
    failed: read.failed,
    keys: read.keys.size,
    steps,
    undecided,
    outOfStates,
  };
  if (key === undefined) return result;
  return { ...result, violation: explainViolation(history, key, read.keys.get(key) ?? [], read.init) };
}

interface Findings {
  readonly verdict: Verdict;
  readonly steps: number;
  readonly undecided: readonly string[];
  readonly outOfStates: readonly string[];
  readonly key?: string;
}

/** Another try starts from the beginning, so it must have this many times the steps of the previous one. */
const WORTH_ANOTHER_TRY = 2;

/** Checks small keys first. Steps that they leave over go to the large keys, and then to keys that had too few. */
function checkKeys({ keys, init }: ReadHistory, limits: CheckBudget): Findings {
  const outOfStates: string[] = [];
  const tried = new Map<string, number>();
  let open = [...keys].sort(([, one], [, other]) => one.length - other.length);
  let left = new Budget(limits).stepsLeft;
  let steps = 0;
  for (let tries = open.length; tries > 0; ) {
    tries = 0;
    const undecided: typeof open = [];
    for (const [at, entry] of open.entries()) {
      const [key, operations] = entry;
      const share = Math.ceil(left / (open.length - at));
      undecided.push(entry);
      if (share === 0 || share < WORTH_ANOTHER_TRY * (tried.get(key) ?? 0)) continue;
      tries += 1;
      tried.set(key, share);
      const budget = new Budget({ ...limits, steps: share });
      const verdict = decide({ operations, init, budget });
      steps += budget.stepsSpent;
      left = Math.max(0, left - budget.stepsSpent);
      if (verdict === 'violation') return { verdict, steps, undecided: [], outOfStates, key };
      if (verdict === 'linearizable' || budget.lacksStates) undecided.pop();
      if (verdict === 'undecided' && budget.lacksStates) outOfStates.push(key);
    }
    open = undecided;
  }
  const undecided = [...open.map(([key]) => key), ...outOfStates];
  return { verdict: undecided.length > 0 ? 'undecided' : 'linearizable', steps, undecided, outOfStates };
}

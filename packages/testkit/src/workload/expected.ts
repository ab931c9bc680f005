/** Failures that tell a client of the built-in workload the truth about its own lot. Any other is a defect. */
import type { FailureName } from '@understudy/rpc';
import type { Shape } from '../simulation/shape.ts';

const ALWAYS: readonly FailureName[] = ['TIMEOUT', 'ABORTED', 'OUTCOME_UNKNOWN'];

/** Where a single question is asked, and not again. */
const OF_ONE: readonly FailureName[] = [
  'RECOVERING',
  'CONNECTION_LOST',
  'UNREACHABLE',
  'NOT_PRIMARY',
  'NOT_READY',
  'OVERLOADED',
  'NO_SPACE',
  'SNAPSHOT_UNKNOWN',
  'SESSION_UNKNOWN',
];

/** What only runs of some shapes bring about, by shape. */
const OF_SHAPE: Readonly<Partial<Record<Shape, readonly FailureName[]>>> = {
  'large-values': ['TOO_LARGE'],
  overload: ['OVERLOADED'],
};

/** @param isAskedOnce The operation is a single question, and is not asked again. */
export function isExpected(failure: FailureName, shape: Shape, isAskedOnce: boolean): boolean {
  return (
    ALWAYS.includes(failure) ||
    (isAskedOnce && OF_ONE.includes(failure)) ||
    (OF_SHAPE[shape]?.includes(failure) ?? false)
  );
}

/** The failures that a client of the built-in workload may get. Any other failure is a defect. */
import type { FailureName } from '@understudy/rpc';
import type { Shape } from '../simulation/shape.ts';

const ALWAYS: readonly FailureName[] = ['TIMEOUT', 'ABORTED', 'OUTCOME_UNKNOWN'];

/** For operations that send a single request and never repeat it. */
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

/** Failures that only occur in runs of some shapes. */
const OF_SHAPE: Readonly<Partial<Record<Shape, readonly FailureName[]>>> = {
  'large-values': ['TOO_LARGE'],
  overload: ['OVERLOADED'],
};

/** @param isAskedOnce The operation sends a single request and never repeats it. */
export function isExpected(failure: FailureName, shape: Shape, isAskedOnce: boolean): boolean {
  return (
    ALWAYS.includes(failure) ||
    (isAskedOnce && OF_ONE.includes(failure)) ||
    (OF_SHAPE[shape]?.includes(failure) ?? false)
  );
}

/** The refusals that replace a result when an operation is not executed, or its result was dropped (S3, S9). */
import type { Outcome } from './operation.ts';

export function refused(failure: 'SESSION_UNKNOWN' | 'RESULT_DROPPED', message: string): Outcome {
  return { kind: 'refused', failure, message };
}

export const OF_ANOTHER_OPERATION: Outcome = {
  kind: 'refused',
  failure: 'INVALID_PARAMS',
  message: 'seq: another operation of this session had this number: this one is not done',
  field: 'seq',
};

export const TEXT_DROPPED = refused(
  'RESULT_DROPPED',
  'this operation was executed once; its result held a value, and was dropped: remembered results took too much memory',
);

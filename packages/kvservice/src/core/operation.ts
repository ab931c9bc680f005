/**
 * The operations in the log, and their outcomes. Every server applies the same operations in the same order, so an
 * operation must not depend on anything but the replicated state (R5).
 */
import type {
  CasResult,
  CloseSessionResult,
  DeleteResult,
  OpenSessionResult,
  Origin,
  PutHashResult,
  PutResult,
} from '../contract.ts';

/** An operation that changes replicated state. Every server executes it in the same way (R5). */
export type Operation =
  | { readonly kind: 'put'; readonly key: string; readonly value: string }
  | { readonly kind: 'append'; readonly key: string; readonly value: string }
  | { readonly kind: 'putHash'; readonly key: string; readonly value: string }
  | { readonly kind: 'delete'; readonly key: string }
  | { readonly kind: 'cas'; readonly key: string; readonly expected: string | null; readonly value: string | null }
  /** `revision` is the revision that the key must have; 0 means that it must be absent. */
  | { readonly kind: 'casRevision'; readonly key: string; readonly revision: number; readonly value: string | null }
  | { readonly kind: 'openSession'; readonly client: string }
  /**
   * Ends a session because its client closed it, because it was idle for its time to live, or to make room for another
   * one (S5).
   */
  | { readonly kind: 'expireSession'; readonly session: string }
  /** The empty entry that a new primary appends first (R6). */
  | { readonly kind: 'nothing' };

/** One entry of the log. Its index is its place in the log; (viewnum, index) never names two entries (R1). */
export interface Entry {
  readonly viewnum: number;
  readonly operation: Operation;
  readonly origin?: Origin;
}

export type OperationResult =
  | PutResult
  | PutHashResult
  | DeleteResult
  | CasResult
  | OpenSessionResult
  | CloseSessionResult
  | Readonly<Record<string, never>>;

/** The outcome of an entry: a result, or a refusal that changed nothing. */
export type Outcome =
  | { readonly kind: 'result'; readonly result: OperationResult }
  | {
      readonly kind: 'refused';
      readonly failure: 'SESSION_UNKNOWN' | 'RESULT_DROPPED' | 'TOO_LARGE' | 'INVALID_PARAMS' | 'OVERLOADED';
      readonly message: string;
      /** The field of the request that is wrong, if any. */
      readonly field?: string;
      /** For TOO_LARGE: the size that the value would have, and the limit. */
      readonly bytes?: number;
      readonly maxBytes?: number;
    };

/** The approximate memory of an entry in bytes, for enforcing bounds. */
export function weightOf(entry: Entry): number {
  return weightOfTexts(textOf(entry.operation));
}

/** The weight of the largest entry whose texts total so many UTF-16 units. */
export function weightOfTexts(units: number): number {
  return ENTRY_OVERHEAD + 2 * units;
}

const ENTRY_OVERHEAD = 160;

/** Whether the result may hold a value that was there before. */
export function tellsValue(
  operation: Operation,
): operation is Extract<Operation, { kind: 'putHash' | 'cas' | 'casRevision' }> {
  return operation.kind === 'putHash' || operation.kind === 'cas' || operation.kind === 'casRevision';
}

/** The UTF-16 units of the operation's texts. */
export function textOf(operation: Operation): number {
  switch (operation.kind) {
    case 'put':
    case 'append':
    case 'putHash':
      return operation.key.length + operation.value.length;
    case 'cas':
      return operation.key.length + (operation.expected?.length ?? 0) + (operation.value?.length ?? 0);
    case 'casRevision':
      return operation.key.length + (operation.value?.length ?? 0);
    case 'delete':
      return operation.key.length;
    case 'openSession':
      return operation.client.length;
    case 'expireSession':
      return operation.session.length;
    case 'nothing':
      return 0;
  }
}

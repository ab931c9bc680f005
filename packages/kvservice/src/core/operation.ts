/** Operations of the log, and what they come to. */
import type {
  CasResult,
  CloseSessionResult,
  DeleteResult,
  OpenSessionResult,
  Origin,
  PutHashResult,
  PutResult,
} from '../contract.ts';

/** Everything that changes replicated state; executed alike on every server (R5). */
export type Operation =
  | { readonly kind: 'put'; readonly key: string; readonly value: string }
  | { readonly kind: 'append'; readonly key: string; readonly value: string }
  | { readonly kind: 'putHash'; readonly key: string; readonly value: string }
  | { readonly kind: 'delete'; readonly key: string }
  | { readonly kind: 'cas'; readonly key: string; readonly expected: string | null; readonly value: string | null }
  /** `revision`: the one that the key must have, 0: it must be absent. */
  | { readonly kind: 'casRevision'; readonly key: string; readonly revision: number; readonly value: string | null }
  | { readonly kind: 'openSession'; readonly client: string }
  /** Ends a session: its client closed it, nobody used it for its time to live, or another one needs its place (S5). */
  | { readonly kind: 'expireSession'; readonly session: string }
  /** What a new primary appends first (R6). */
  | { readonly kind: 'nothing' };

/** One operation in the log. Its index is its place there; (viewnum, index) never names two entries (R1). */
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

/** What an entry came to: a result, or a refusal that changed nothing. */
export type Outcome =
  | { readonly kind: 'result'; readonly result: OperationResult }
  | {
      readonly kind: 'refused';
      readonly failure: 'SESSION_UNKNOWN' | 'RESULT_DROPPED' | 'TOO_LARGE' | 'INVALID_PARAMS' | 'OVERLOADED';
      readonly message: string;
      /** The field of the request that is wrong, where one is. */
      readonly field?: string;
      /** Of TOO_LARGE: what the value would have, and what it may have. */
      readonly bytes?: number;
      readonly maxBytes?: number;
    };

/** About how much memory an entry takes, in bytes: for bounds, not for accounts. */
export function weightOf(entry: Entry): number {
  return weightOfTexts(textOf(entry.operation));
}

/** The weight of the largest entry whose texts have so many UTF-16 units together. */
export function weightOfTexts(units: number): number {
  return ENTRY_OVERHEAD + 2 * units;
}

const ENTRY_OVERHEAD = 160;

/** Its result may hold a value that was there before. */
export function tellsValue(
  operation: Operation,
): operation is Extract<Operation, { kind: 'putHash' | 'cas' | 'casRevision' }> {
  return operation.kind === 'putHash' || operation.kind === 'cas' || operation.kind === 'casRevision';
}

/** UTF-16 units of the operation's texts. */
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

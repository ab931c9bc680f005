/** An operation as the search sees it: checked, of one key, and with an output only if that constrains the order. */
import { fnv1a32 } from '@understudy/kvservice';
import type { Scalar } from './history.ts';

export interface Operation {
  /** Its index in the history's events. */
  readonly index: number;
  readonly call: number;
  /** Infinity: the outcome is unknown. */
  readonly end: number;
  readonly action: Action;
}

/** `output` undefined: it may have been anything. */
export type Action =
  | { readonly kind: 'get'; readonly output: Scalar }
  | { readonly kind: 'put'; readonly value: Scalar }
  | { readonly kind: 'append'; readonly value: string }
  | { readonly kind: 'delete'; readonly output: boolean | undefined }
  | {
      readonly kind: 'cas';
      readonly expected: Scalar;
      readonly value: Scalar;
      readonly output: boolean | undefined;
    }
  | { readonly kind: 'putHash'; readonly value: string; readonly output: string | undefined };

/** The operation depends on the state and leaves it unchanged. */
export function isObserver(action: Action): boolean {
  return action.kind === 'get' || ((action.kind === 'cas' || action.kind === 'delete') && action.output === false);
}

/**
 * The same operation without its return and its output: it may take effect at any time after its call, or never.
 * Returns undefined if it is known to have had no effect. Any order that explains a history also explains it with
 * weakened operations.
 */
export function weaken(operation: Operation): Operation | undefined {
  const { action } = operation;
  if (isObserver(action)) return undefined;
  return {
    ...operation,
    end: Number.POSITIVE_INFINITY,
    action: 'output' in action ? { ...action, output: undefined } : action,
  } as Operation;
}

/** A value as `append` and `putHash` see it. */
export function textOf(value: Scalar): string {
  return value === null ? '' : String(value);
}

/** The value that `putHash` stores in place of `previous`. */
export function hashed(previous: string, value: string): string {
  return String(fnv1a32(previous + value));
}

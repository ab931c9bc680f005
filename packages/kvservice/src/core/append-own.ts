/** Appends entries that the primary creates itself. No client waits for their result. */
import type { Operation } from './operation.ts';
import type { ReplicaState } from './state.ts';

/** Returns the index of the entry. */
export function appendOwn(state: ReplicaState, operation: Operation): number {
  return state.log.append({ viewnum: state.view.viewnum, operation });
}

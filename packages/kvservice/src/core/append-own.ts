/** Entries of the primary's own: nobody waits for their answer. */
import type { Operation } from './operation.ts';
import type { ReplicaState } from './state.ts';

/** The index of the entry. */
export function appendOwn(state: ReplicaState, operation: Operation): number {
  return state.log.append({ viewnum: state.view.viewnum, operation });
}

/**
 * The invariants checked after every step, in production too. A replica that breaks one stops instead of answering
 * wrongly.
 */
import { assert } from '@understudy/rpc';
import type { ReplicaState } from './state.ts';

/** Compares the state after a step with the one before it. */
export function checkInvariants(
  state: ReplicaState,
  before: { readonly viewnum: number; readonly commitIndex: number },
): void {
  const { log, role, view, config } = state;
  assert(view.viewnum >= before.viewnum, 'R8: a server never goes back to an older view');
  assert(state.commitIndex >= before.commitIndex, 'R5: the commit index never falls');
  assert(state.commitIndex <= log.lastIndex, 'R5: what is committed is in the log');
  assert(log.base.index <= state.commitIndex, 'R12: only applied entries are forgotten');
  assert(state.fulfilled <= view.viewnum, 'V7: no view is fulfilled that is not known');
  let sendings = 0;
  if (role.kind === 'primary') {
    assert(view.primary === config.server, 'R8: only the primary of the view acts as primary');
    for (const progress of role.backups.values()) {
      assert(progress.match <= log.lastIndex, 'R4: no backup holds more than its primary');
      if (progress.sending?.isOpen === true) sendings += 1;
    }
  }
  if (role.kind === 'backup') assert(view.backups.includes(config.server), 'R8: only a backup of the view acts as one');
  checkSnapshots(state, sendings);
}

/**
 * Checks that each open snapshot has a holder. Without one it would keep every value that is overwritten from now on.
 */
function checkSnapshots({ machine, snapshots }: ReplicaState, sendings: number): void {
  const { cells, sessions } = machine;
  assert(sessions.snapshots === sendings, 'M1: each snapshot of the sessions is held by a transfer');
  const held = sendings + snapshots.countOf(cells);
  assert(cells.snapshots === held, 'M1: each snapshot of the data is held by a transfer or a client');
}

/** Invariants of a tenure, and of the step from one tenure to the next. The monitor checks them after every ping. */
import { assert } from '@understudy/rpc';
import type { Tenure } from './state.ts';

export function checkTenure({ view, acknowledged, safe, seats }: Tenure): void {
  const members = [view.primary, ...view.backups];
  assert(view.viewnum > 0 && view.primary !== '', 'a view has a number and a primary');
  assert(new Set(members).size === members.length, 'nobody has two seats');
  assert(seats.map((seat) => seat.server).join() === members.join(), 'every member has its seat');
  assert(
    view.syncing.every((server) => view.backups.includes(server)),
    'only backups are syncing',
  );
  assert(!acknowledged || view.syncing.length === 0, 'nobody is syncing in an acknowledged view (V7)');
  assert(
    safe.every((server) => members.includes(server) && !view.syncing.includes(server)),
    'only members that hold the data are safe (V3)',
  );
  assert(
    safe.every((server) => seats.some((seat) => seat.server === server && !seat.lostData)),
    'nobody who lost its data is safe (V3)',
  );
}

/**
 * For a change that a ping makes to an existing tenure. V1 and V12 begin a new tenure instead, so this does not apply.
 */
export function checkSuccession(before: Tenure, after: Tenure): void {
  const step = after.view.viewnum - before.view.viewnum;
  assert(step === 0 || step === 1, 'the viewnum grows by exactly 1 (V8)');
  assert(after.view.cluster === before.view.cluster, 'the cluster stays the same (V1)');
  const { primary, backups } = before.view;
  assert([primary, ...backups].includes(after.view.primary), 'the primary was a member of the view before (V8)');
  if (after.view.primary !== primary)
    assert(after.safe.includes(after.view.primary), 'who is promoted is safe (V3, V4)');
  const grown = after.safe.some((server) => !before.safe.includes(server));
  assert(!grown || !before.acknowledged, 'the safe set grows only at an acknowledgement (V3)');
}

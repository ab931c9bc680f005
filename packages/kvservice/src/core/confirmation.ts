/**
 * Handles the answers to questions about claims. Messages with confirmed claims are handled as if they had just
 * arrived; the others are refused (R3).
 */
import type { Identity, View } from '@understudy/sysmonitor';
import { onMessage } from './backup.ts';
import type { Doubt } from './doubt.ts';
import { askMember, confirms, overdueDoubts, takeDoubt, trust } from './doubts.ts';
import type { ReplicaState } from './state.ts';
import { learnView } from './view-change.ts';

/**
 * @param told The monitor's view; undefined if no monitor answered. View 0 counts as no answer, because that monitor
 * knows no view yet.
 */
export function onMonitorTold(state: ReplicaState, number: number, told: View | undefined): void {
  const view = told?.viewnum === 0 ? undefined : told;
  const doubt = takeDoubt(state, number);
  if (view !== undefined) learnView(state, view);
  if (doubt === undefined) return;
  if (state.view.viewnum >= doubt.claim.viewnum) return goOn(state, doubt);
  if (view !== undefined)
    return refuse(state, doubt, `the monitor knows view ${view.viewnum} of cluster ${view.cluster}`);
  if (!isMember(state, doubt.claim.server))
    return refuse(state, doubt, 'no monitor answers, and the sender is no member');
  askMember(state, doubt);
}

/** @param identity Undefined if no server answered at that address. */
export function onServerTold(state: ReplicaState, number: number, identity: Identity | undefined): void {
  const doubt = takeDoubt(state, number);
  if (doubt === undefined) return;
  const { claim } = doubt;
  if (!confirms(state, claim, identity))
    return refuse(state, doubt, `nothing at ${claim.server} says that it sent this`);
  trust(state, claim);
  if (doubt.about === 'view') {
    if (identity.view.viewnum < claim.viewnum) return refuse(state, doubt, `${claim.server} does not know that view`);
    learnView(state, identity.view);
  }
  goOn(state, doubt);
}

/** Called at every tick: ends the questions that got no answer in time. */
export function giveUpDoubts(state: ReplicaState): void {
  for (const { number, about, atItsAddress } of overdueDoubts(state)) {
    if (about === 'view' && !atItsAddress) onMonitorTold(state, number, undefined);
    else onServerTold(state, number, undefined);
  }
}

function goOn(state: ReplicaState, { held }: Doubt): void {
  for (const { requester, message } of held) onMessage(state, requester, message);
}

function refuse(state: ReplicaState, { about, claim, held }: Doubt, reason: string): void {
  const what = about === 'view' ? `view ${claim.viewnum} is not confirmed` : 'its sender is not confirmed';
  state.refuseMessage({ method: 'kv.prepare', from: claim.server, why: 'unconfirmed', reason: `${what}: ${reason}` });
  const answer = { kind: 'refused', reason: `${what}` } as const;
  for (const { requester } of held) state.effects.push({ kind: 'answer', requester, answer });
}

function isMember({ view }: ReplicaState, server: string): boolean {
  return server === view.primary || view.backups.includes(server);
}

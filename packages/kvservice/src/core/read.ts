/**
 * Linearizable reads at the primary. A read is answered under a lease from every counting backup, or after every
 * counting backup has confirmed the view with an answer to a message sent after the read arrived (L1-L4).
 */

import type { Instant, ReadEvent } from './event.ts';
import { ALWAYS, earlier, NEVER, stands } from './lease.ts';
import { answer, notReached } from './local-read.ts';
import type { Primary } from './role.ts';
import type { ReplicaState } from './state.ts';

export function queueRead(state: ReplicaState, primary: Primary, read: ReadEvent): void {
  const lease = leaseOf(primary);
  if (primary.serving && stands(lease, state.at)) return answerUnderLease(state, read, lease);
  primary.reads.push({ read, confirmedBy: state.nextNumber });
  primary.confirmWanted = true;
}

/** Answers the waiting reads that are confirmed, or that a lease now covers. */
export function serveReads(state: ReplicaState, primary: Primary): void {
  if (primary.reads.length === 0 || !primary.serving) return;
  const lease = leaseOf(primary);
  const confirmed = confirmedThrough(primary);
  const leased = stands(lease, state.at);
  const waiting = [];
  for (const read of primary.reads) {
    if (read.confirmedBy <= confirmed) answerConfirmed(state, read.read);
    else if (leased) answerUnderLease(state, read.read, lease);
    else waiting.push(read);
  }
  primary.reads = waiting;
}

/**
 * The common lease: it stands while the lease of every counting backup stands. Without such backups it never ends,
 * because no other server may be promoted (L4).
 */
export function leaseOf(primary: Primary): Instant {
  let lease = ALWAYS;
  for (const progress of primary.backups.values()) if (progress.counted) lease = earlier(lease, progress.lease);
  return lease;
}

/** Drops all leases after the primary's event loop was silent for too long (L3). */
export function dropLeases(state: ReplicaState, primary: Primary): void {
  state.counters.leasesDropped += 1;
  for (const progress of primary.backups.values()) progress.lease = NEVER;
}

/** The number up to which every counting backup has accepted messages in this view. */
function confirmedThrough(primary: Primary): number {
  let through = Infinity;
  for (const progress of primary.backups.values())
    if (progress.counted) through = Math.min(through, progress.confirmed);
  return through;
}

function answerUnderLease(state: ReplicaState, read: ReadEvent, lease: Instant): void {
  if (isAhead(state, read)) return refuseAsAhead(state, read);
  state.counters.readsUnderLease += 1;
  const result = answer(state, read.query);
  if (lease === ALWAYS) state.result(read.requester, result);
  else state.effects.push({ kind: 'leased', result, until: lease, read });
}

/**
 * True if the read asks for a revision that no entry has yet. All committed entries are applied here, and a read never
 * gets an older state than it asked for (L5).
 */
function isAhead(state: ReplicaState, { atLeast = 0 }: ReadEvent): boolean {
  return atLeast > state.commitIndex;
}

function refuseAsAhead(state: ReplicaState, { requester, atLeast = 0 }: ReadEvent): void {
  state.fail(requester, notReached(state, atLeast));
}

function answerConfirmed(state: ReplicaState, read: ReadEvent): void {
  if (isAhead(state, read)) return refuseAsAhead(state, read);
  state.counters.readsConfirmed += 1;
  state.result(read.requester, answer(state, read.query));
}

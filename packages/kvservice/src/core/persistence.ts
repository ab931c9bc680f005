/** Persistence: what has changed in a step goes to the disk, what depends on it waits, and a restart begins with what is there (R9, R12). */
import type { Effect } from './effect.ts';
import { Journal, type Saved } from './journal.ts';
import type { Entry } from './operation.ts';
import type { Meta } from './persist.ts';
import type { ReplicaState } from './state.ts';
import type { DataChanges, StateMachine } from './state-machine.ts';

/** What a server finds on its disk; a new one finds an empty log and the meta of nothing. */
export interface Restored {
  readonly meta: Meta | undefined;
  /** From `meta.base` on. */
  readonly entries: readonly Entry[];
  /** Data as of `meta.applied`. */
  readonly machine: StateMachine | undefined;
}

/** Takes over what was on the disk. */
export function restore(state: ReplicaState, { meta, entries, machine }: Restored): void {
  if (meta !== undefined && machine !== undefined) {
    state.machine = machine;
    state.log.restart(meta.base);
    for (const entry of entries) state.log.append(entry);
    state.commitIndex = meta.applied;
    state.view = meta.view;
    state.fulfilled = meta.fulfilled;
    state.cluster = meta.cluster;
    state.reported = meta.reported;
    state.isRestored = true;
  }
  state.machine.trackChanges();
  state.log.takeChange();
  state.journal = new Journal(current(state), meta?.applied ?? 0, meta?.generation ?? 0);
  state.journal.metaChanged = true;
}

/** After every turn: gives the disk what has changed. */
export function persist(state: ReplicaState): void {
  const { journal, log, config, commitIndex } = state;
  if (journal === undefined) return;
  if (commitIndex - journal.appliedSoon >= config.limits.checkpointEntries) checkpoint(state, journal);
  else if (log.changedFrom !== undefined || journal.metaChanged) write(state, journal, journal.appliedSoon, undefined);
}

/** Writes what was applied since the last time, so that the log can be cut behind it. For when there is time. */
export function persistLazily(state: ReplicaState): void {
  const { journal, commitIndex, at } = state;
  if (journal === undefined || commitIndex === journal.appliedSoon) return;
  if (at.now - journal.checkpointedAtMs >= CHECKPOINT_MS) checkpoint(state, journal);
}

/** Between two checkpoints, when entries are few. */
const CHECKPOINT_MS = 1_000;

/** The effect comes about at once, or, where there is a disk, when all that happened before is on it. */
export function whenDurable(state: ReplicaState, effect: Effect): void {
  const { journal, log } = state;
  const hasMore = journal !== undefined && (log.changedFrom !== undefined || journal.metaChanged);
  if (journal === undefined || (journal.isLevel && !hasMore)) state.effects.push(effect);
  else journal.hold(effect, hasMore);
}

export function onPersisted(state: ReplicaState, number: number): void {
  state.effects.push(...(state.journal?.confirm(number) ?? []));
}

/** The last entry that is on disk here, or would be if there were one. */
export function durableIndex({ journal, log }: ReplicaState): number {
  if (journal === undefined) return log.lastIndex;
  return Math.min(journal.durableIndex, (log.changedFrom ?? Infinity) - 1);
}

/** What may be told to the monitor. */
export function told(state: ReplicaState): Saved {
  return state.journal?.saved ?? current(state);
}

/** Records of a transfer, beside those that count (R10). */
export function persistLanding(state: ReplicaState, generation: number, changes: DataChanges): void {
  const { journal } = state;
  if (journal === undefined || changes.cells.length + changes.sessions.length === 0) return;
  // An answer of this turn may wait for the next write: that has to be the one that brings what it tells of.
  persist(state);
  state.effects.push({ kind: 'persist', number: journal.give({}), data: { generation, ...changes } });
}

/** The transfer's records are those that count from now on. */
export function persistInstall(state: ReplicaState, generation: number): void {
  const { journal } = state;
  if (journal === undefined) return;
  journal.generation = generation;
  state.machine.trackChanges();
  write(state, journal, state.commitIndex, undefined);
}

function checkpoint(state: ReplicaState, journal: Journal): void {
  journal.checkpointedAtMs = state.at.now;
  write(state, journal, state.commitIndex, state.machine.takeChanges());
}

function write(state: ReplicaState, journal: Journal, applied: number, changes: DataChanges | undefined): void {
  const log = state.log.takeChange();
  const hasMeta = journal.metaChanged || applied !== journal.appliedSoon;
  journal.metaChanged = false;
  const logFrom = log?.from ?? Infinity;
  const number = journal.give({ saved: current(state), applied, logFrom });
  state.effects.push({
    kind: 'persist',
    number,
    ...(log === undefined ? {} : { log }),
    ...(hasMeta ? { meta: metaOf(state, journal, applied) } : {}),
    ...(changes === undefined ? {} : { data: { generation: journal.generation, ...changes } }),
  });
}

/** The log begins no later than the data on disk ends: only what is applied there is forgotten (R12). */
function metaOf(state: ReplicaState, { generation }: Journal, applied: number): Meta {
  const { config, reported, log } = state;
  const { cluster, view, fulfilled } = current(state);
  return { incarnation: config.incarnation, cluster, view, fulfilled, reported, base: log.base, applied, generation };
}

/** A primary that has fulfilled its view knows, before the monitor says so, that nobody in it is syncing (V12). */
function current({ cluster, view, fulfilled, log, role }: ReplicaState): Saved {
  const isFulfilled = role.kind === 'primary' && fulfilled === view.viewnum;
  return { cluster, view: isFulfilled ? { ...view, syncing: [] } : view, fulfilled, last: log.last };
}

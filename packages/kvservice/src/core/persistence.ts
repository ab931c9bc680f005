/**
 * Durability: each turn writes what has changed to disk, effects that depend on it wait, and a restart continues from
 * the disk (R9, R12).
 *
 * Log and metadata are written in every turn that changed them. Data follows in checkpoints, which are written in
 * pieces so that they never delay other writes for long. An entry is dropped from the log only after its effect on the
 * data is on disk.
 */
import { assert, type Writable } from '@understudy/rpc';
import { Checkpoint } from './checkpoint.ts';
import type { Effect } from './effect.ts';
import { Journal, type Saved } from './journal.ts';
import type { Entry } from './operation.ts';
import type { DataChange, Meta, Persist } from './persist.ts';
import type { ReplicaState } from './state.ts';
import type { DataChanges, StateMachine } from './state-machine.ts';

/** The content of the disk at start. A new server finds an empty log and no metadata. */
export interface Restored {
  readonly meta: Meta | undefined;
  /** The entries above `meta.base`. */
  readonly entries: readonly Entry[];
  /** The data after the entry at `meta.applied`. */
  readonly machine: StateMachine | undefined;
  /**
   * The commit index recorded with the log on disk. It is at least `meta.applied` and never beyond the end of the log.
   */
  readonly commit: number;
}

/** Restores the state from disk. */
export function restore(state: ReplicaState, { meta, entries, machine, commit }: Restored): void {
  if (meta !== undefined && machine !== undefined) {
    state.machine = machine;
    state.log.restart(meta.base);
    for (const entry of entries) state.log.append(entry);
    machine.trackChanges();
    replay(state, meta, commit);
    state.view = meta.view;
    state.fulfilled = meta.fulfilled;
    state.cluster = meta.cluster;
    state.reported = meta.reported;
    state.isRestored = true;
  } else state.machine.trackChanges();
  state.log.takeChange();
  state.journal = new Journal({ ...current(state), incarnation: '' }, meta ?? NOTHING);
  noteIncarnation(state);
}

/**
 * Pings the monitor with this run's incarnation only when that incarnation is on disk. Otherwise the next run might
 * take itself for the newer of the two (V11).
 */
export function noteIncarnation(state: ReplicaState): void {
  state.noteMeta();
  whenDurable(state, { kind: 'ping' });
}

const NOTHING = { applied: 0, generation: 0, checkpoint: 0 } as const;

/**
 * Applies committed entries at start, before any client waits for this server. There may be too many to apply them at
 * the first commit.
 */
function replay(state: ReplicaState, { applied, cluster }: Meta, commit: number): void {
  const { log, machine } = state;
  for (let index = applied + 1; index <= commit; index++) {
    const entry = log.at(index);
    assert(entry !== undefined, 'R12: what is not applied on disk is in the log there');
    machine.apply(index, entry, cluster);
  }
  state.commitIndex = commit;
}

/** Called after every turn: writes what has changed to disk. */
export function persist(state: ReplicaState): void {
  const { journal, log } = state;
  if (journal === undefined) return;
  if (journal.checkpoint === undefined && isDue(state, journal)) beginCheckpoint(state, journal);
  const { checkpoint } = journal;
  if (checkpoint !== undefined && journal.hasConfirmed(journal.lastPiece.number))
    writePiece(state, journal, checkpoint);
  else if (log.changedFrom !== undefined || journal.metaChanged) write(state, journal, journal.appliedSoon, undefined);
}

/** When nothing was committed for this long, applied changes are written to disk, however few they are. */
const IDLE_MS = 1_000;

/** Called at every tick. */
export function noteIdleness({ journal, commitIndex, at }: ReplicaState): void {
  if (journal !== undefined && journal.idle.commitIndex !== commitIndex)
    journal.idle = { commitIndex, sinceMs: at.now };
}

/** Emits the effect at once, or, with a disk, as soon as everything that happened before it is on disk. */
export function whenDurable(state: ReplicaState, effect: Effect): void {
  const { journal, log } = state;
  const hasMore = journal !== undefined && (log.changedFrom !== undefined || journal.metaChanged);
  if (journal === undefined || (journal.isLevel && !hasMore)) state.effects.push(effect);
  else journal.hold(effect, hasMore);
}

export function onPersisted(state: ReplicaState, number: number): void {
  state.effects.push(...(state.journal?.confirm(number) ?? []));
}

/** The index of the last durable entry. Without a disk this is the last entry of the log. */
export function durableIndex({ journal, log }: ReplicaState): number {
  if (journal === undefined) return log.lastIndex;
  return Math.min(journal.durableIndex, (log.changedFrom ?? Infinity) - 1);
}

/** The state that may be reported to the monitor. */
export function told(state: ReplicaState): Saved {
  return state.journal?.saved ?? current(state);
}

/** Writes received records of a transfer beside the data in use (R10). */
export function persistLanding(state: ReplicaState, generation: number, changes: DataChanges): void {
  const { journal } = state;
  if (journal === undefined || changes.cells.length + changes.sessions.length === 0) return;
  // An answer of this turn may wait for the next write, which must contain the entries that the answer reports. So
  // write those first.
  persist(state);
  state.effects.push({ kind: 'persist', number: journal.give({}), data: { generation, checkpoint: 0, ...changes } });
}

/** From now on the records of the transfer are the data in use. */
export function persistInstall(state: ReplicaState, generation: number): void {
  const { journal } = state;
  if (journal === undefined) return;
  journal.generation = generation;
  journal.checkpoint = undefined;
  state.machine.trackChanges();
  write(state, journal, state.commitIndex, undefined);
}

function isDue({ commitIndex, config, log, machine, at }: ReplicaState, journal: Journal): boolean {
  const entries = commitIndex - journal.appliedSoon;
  if (entries === 0) return false;
  const { checkpointEntries, checkpointWeight, checkpointStep } = config.limits;
  return (
    entries >= checkpointEntries ||
    log.appended - journal.appendedBefore >= checkpointWeight ||
    machine.changesOfOneStep >= checkpointStep ||
    (commitIndex === journal.idle.commitIndex && at.now - journal.idle.sinceMs >= IDLE_MS)
  );
}

function beginCheckpoint(state: ReplicaState, journal: Journal): void {
  const { commitIndex: applied, log, machine } = state;
  journal.checkpoint = new Checkpoint({ number: journal.lastCheckpoint + 1, applied, changes: machine.takeChanges() });
  journal.appendedBefore = log.appended;
  journal.lastPiece = { number: 0, lastIndex: log.lastIndex };
}

/**
 * Writes the next piece of the checkpoint. It has at least two cells for each entry added since the previous piece, so
 * the checkpoint finishes under any load.
 */
function writePiece(state: ReplicaState, journal: Journal, checkpoint: Checkpoint): void {
  const { lastIndex } = state.log;
  const cells = Math.max(state.config.limits.pieceCells, 2 * (lastIndex - journal.lastPiece.lastIndex));
  const piece = { ...checkpoint.take(cells), checkpoint: checkpoint.number };
  if (checkpoint.isOver) {
    journal.lastCheckpoint = checkpoint.number;
    journal.checkpoint = undefined;
  }
  const number = write(state, journal, checkpoint.isOver ? checkpoint.applied : journal.appliedSoon, piece);
  journal.lastPiece = { number, lastIndex };
}

type Piece = Omit<DataChange, 'generation'>;

/** Returns the number of the write. */
function write(state: ReplicaState, journal: Journal, applied: number, piece: Piece | undefined): number {
  const log = state.log.takeChange();
  const hasMeta = journal.metaChanged || applied !== journal.appliedSoon;
  journal.metaChanged = false;
  const logFrom = log?.from ?? Infinity;
  const number = journal.give({ saved: current(state), applied, logFrom });
  // The fields are set one by one. In V8, spreading objects that may be empty takes longer than the rest of this
  // function.
  const given: Writable<Persist> = { kind: 'persist', number };
  if (log !== undefined) given.log = { from: log.from, entries: log.entries, commit: state.commitIndex };
  if (hasMeta) given.meta = metaOf(state, journal, applied);
  if (piece !== undefined) given.data = { generation: journal.generation, ...piece };
  state.effects.push(given);
  return number;
}

/**
 * The metadata for one write. The log starts no later than the data on disk ends, because only entries applied there
 * are dropped (R12).
 */
function metaOf(state: ReplicaState, { generation, lastCheckpoint: checkpoint }: Journal, applied: number): Meta {
  const { incarnation, reported, log } = state;
  const { cluster, view, fulfilled } = current(state);
  const data = { base: log.base, applied, checkpoint, generation };
  return { incarnation, cluster, view, fulfilled, reported, ...data };
}

/**
 * The state to report. A primary that has fulfilled its view knows, before the monitor says so, that no backup is still
 * syncing (V12).
 */
function current({ incarnation, cluster, view, fulfilled, log, role }: ReplicaState): Saved {
  const isFulfilled = role.kind === 'primary' && fulfilled === view.viewnum;
  return { incarnation, cluster, view: isFulfilled ? { ...view, syncing: [] } : view, fulfilled, last: log.last };
}

/** Persistence: what has changed in a step goes to the disk, what depends on it waits, and a restart begins with what is there (R9, R12). */
import { assert, type Writable } from '@understudy/rpc';
import { Checkpoint } from './checkpoint.ts';
import type { Effect } from './effect.ts';
import { Journal, type Saved } from './journal.ts';
import type { Entry } from './operation.ts';
import type { DataChange, Meta, Persist } from './persist.ts';
import type { ReplicaState } from './state.ts';
import type { DataChanges, StateMachine } from './state-machine.ts';

/** What a server finds on its disk; a new one finds an empty log and the meta of nothing. */
export interface Restored {
  readonly meta: Meta | undefined;
  /** From `meta.base` on. */
  readonly entries: readonly Entry[];
  /** Data as of `meta.applied`. */
  readonly machine: StateMachine | undefined;
  /** The commit index that the log on disk tells of: not below `meta.applied`, and no more than what the log has. */
  readonly commit: number;
}

/** Takes over what was on the disk. */
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

/** The monitor is told of this run when it is on disk: else the next one could take itself for the newer of the two (V11). */
export function noteIncarnation(state: ReplicaState): void {
  state.noteMeta();
  whenDurable(state, { kind: 'ping' });
}

const NOTHING = { applied: 0, generation: 0, checkpoint: 0 } as const;

/** Here, before anybody waits for this server, and not when it commits again: those entries can be many. */
function replay(state: ReplicaState, { applied, cluster }: Meta, commit: number): void {
  const { log, machine } = state;
  for (let index = applied + 1; index <= commit; index++) {
    const entry = log.at(index);
    assert(entry !== undefined, 'R12: what is not applied on disk is in the log there');
    machine.apply(index, entry, cluster);
  }
  state.commitIndex = commit;
}

/** After every turn: gives the disk what has changed. */
export function persist(state: ReplicaState): void {
  const { journal, log } = state;
  if (journal === undefined) return;
  if (journal.checkpoint === undefined && isDue(state, journal)) beginCheckpoint(state, journal);
  const { checkpoint } = journal;
  if (checkpoint !== undefined && journal.hasConfirmed(journal.lastPiece.number))
    writePiece(state, journal, checkpoint);
  else if (log.changedFrom !== undefined || journal.metaChanged) write(state, journal, journal.appliedSoon, undefined);
}

/** Where nothing is committed for that long, what was applied goes to the disk, however little it is. */
const IDLE_MS = 1_000;

/** At every tick. */
export function noteIdleness({ journal, commitIndex, at }: ReplicaState): void {
  if (journal !== undefined && journal.idle.commitIndex !== commitIndex)
    journal.idle = { commitIndex, sinceMs: at.now };
}

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
  state.effects.push({ kind: 'persist', number: journal.give({}), data: { generation, checkpoint: 0, ...changes } });
}

/** The transfer's records are those that count from now on. */
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

/** For each entry that came since the last piece more than one cell, so that the checkpoint comes to an end under any load. */
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

/** Gives the number of the write. */
function write(state: ReplicaState, journal: Journal, applied: number, piece: Piece | undefined): number {
  const log = state.log.takeChange();
  const hasMeta = journal.metaChanged || applied !== journal.appliedSoon;
  journal.metaChanged = false;
  const logFrom = log?.from ?? Infinity;
  const number = journal.give({ saved: current(state), applied, logFrom });
  // Fields are added one by one: to spread objects that may be empty takes V8 longer than the rest of this function.
  const given: Writable<Persist> = { kind: 'persist', number };
  if (log !== undefined) given.log = { from: log.from, entries: log.entries, commit: state.commitIndex };
  if (hasMeta) given.meta = metaOf(state, journal, applied);
  if (piece !== undefined) given.data = { generation: journal.generation, ...piece };
  state.effects.push(given);
  return number;
}

/** The log begins no later than the data on disk ends: only what is applied there is forgotten (R12). */
function metaOf(state: ReplicaState, { generation, lastCheckpoint: checkpoint }: Journal, applied: number): Meta {
  const { incarnation, reported, log } = state;
  const { cluster, view, fulfilled } = current(state);
  const data = { base: log.base, applied, checkpoint, generation };
  return { incarnation, cluster, view, fulfilled, reported, ...data };
}

/** A primary that has fulfilled its view knows, before the monitor says so, that nobody in it is syncing (V12). */
function current({ incarnation, cluster, view, fulfilled, log, role }: ReplicaState): Saved {
  const isFulfilled = role.kind === 'primary' && fulfilled === view.viewnum;
  return { incarnation, cluster, view: isFulfilled ? { ...view, syncing: [] } : view, fulfilled, last: log.last };
}

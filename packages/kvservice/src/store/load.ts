/**
 * Loads a server's data from its disk at start (R9).
 *
 * An interrupted checkpoint is undone, and the remains of transfers that never finished are deleted. A record that is
 * not what was written fails the load instead of being guessed at.
 */
import {
  type Change,
  type KeyRange,
  type Store,
  type StoredEntry,
  sealText,
  UnderstudyError,
  unseal,
  unsealText,
} from '@understudy/rpc';
import type { Cell } from '../core/cell.ts';
import { cellBytes } from '../core/cell-bytes.ts';
import type { MachineLimits } from '../core/config.ts';
import { type Entry, type Outcome, weightOf } from '../core/operation.ts';
import { OrderedMap } from '../core/ordered-map.ts';
import type { Meta } from '../core/persist.ts';
import type { Restored } from '../core/persistence.ts';
import { Remembered } from '../core/remembered.ts';
import type { Session } from '../core/sessions.ts';
import { StateMachine } from '../core/state-machine.ts';
import { unpackEntries } from '../packed.ts';
import { LoadBudget } from './load-budget.ts';
import { cellText, damaged, dataRange, indexOf, LOG, META_KEY, nameOf, otherData, readCell } from './records.ts';

/** The format of the records. A newer format is refused. */
export const FORMAT = 3;

export interface MetaRecord extends Meta {
  readonly format: number;
  /** The address of the server that wrote the data. */
  readonly server: string;
}

export interface Loaded extends Restored {
  /** The first indexes of the log records on disk, in order. */
  readonly logRecords: readonly number[];
}

export interface LoadParts {
  /** The directory, for error messages. */
  readonly directory: string;
  readonly server: string;
  readonly limits: MachineLimits;
  /** The most bytes that may be loaded (M4). */
  readonly maxBytes: number;
}

/**
 * Fails with STORE_DAMAGED if a record is not what was written, and with INVALID_PARAMS if the data belongs to another
 * server.
 */
export async function load(store: Store, { directory, server, limits, maxBytes }: LoadParts): Promise<Loaded> {
  const meta = await loadMeta(store, server, directory);
  if (meta === undefined) return NOTHING;
  // Delete the remains of an unfinished transfer or of an older generation.
  for (const kind of ['cell', 'session'] as const) {
    for (const range of otherData(kind, meta.generation)) await store.clear(range);
  }
  const budget = new LoadBudget(directory, maxBytes);
  const { machine, repairs } = await loadMachine(store, meta, limits, budget);
  const log = await loadLog(store, meta, budget);
  // This must happen before a new checkpoint reuses the number of the one that was interrupted.
  for (let at = 0; at < repairs.length; at += REPAIRS_TOGETHER) {
    await store.write(repairs.slice(at, at + REPAIRS_TOGETHER));
  }
  return { meta, machine, ...log };
}

/** The content of an empty disk. */
export const NOTHING: Loaded = { meta: undefined, entries: [], machine: undefined, commit: 0, logRecords: [] };

const REPAIRS_TOGETHER = 1_000;

async function loadMeta(store: Store, server: string, directory: string): Promise<MetaRecord | undefined> {
  const record = await firstOf(store, { from: META_KEY, to: `${META_KEY}0` });
  if (record === undefined) {
    if ((await firstOf(store, { from: '', to: '\u{10ffff}' })) === undefined) return undefined;
    throw damaged(`there is data, but no ${META_KEY}`);
  }
  // Before format 3, all changed data was written in one step, without checkpoint numbers.
  const meta = unseal(record) as Omit<MetaRecord, 'checkpoint'> & { readonly checkpoint?: number };
  const { format } = meta;
  if (format > FORMAT) {
    throw refused(directory, `was written in format ${format} by a newer version, and this one reads up to ${FORMAT}`);
  }
  if (meta.server !== server)
    throw refused(directory, `holds the data of ${meta.server}, and this server is ${server}`);
  return { ...meta, checkpoint: meta.checkpoint ?? 0 };
}

async function firstOf(store: Store, range: KeyRange): Promise<StoredEntry | undefined> {
  for await (const portion of store.read(range)) for (const record of portion) return record;
  return undefined;
}

interface LoadedMachine {
  readonly machine: StateMachine;
  /** The changes that undo an interrupted checkpoint. */
  readonly repairs: readonly Change[];
}

async function loadMachine(
  store: Store,
  meta: Meta,
  limits: MachineLimits,
  budget: LoadBudget,
): Promise<LoadedMachine> {
  const { generation } = meta;
  const keys: string[] = [];
  const cells: Cell[] = [];
  const repairs: Change[] = [];
  let bytes = 0;
  for await (const portion of store.read(dataRange('cell', generation))) {
    for (const record of portion) {
      const { checkpoint, cell, before } = readCell(unsealText(record));
      const counts = checkpoint <= meta.checkpoint ? cell : before;
      if (counts !== null) {
        const name = nameOf(record[0]);
        const weight = cellBytes(name, counts.value);
        budget.take(weight);
        bytes += weight;
        keys.push(name);
        cells.push(counts);
      }
      if (counts !== cell) repairs.push(recordOf(record[0], before));
    }
  }
  const machine = new StateMachine(limits, OrderedMap.ofSorted(keys, cells), undefined, bytes);
  for await (const portion of store.read(dataRange('session', generation))) {
    for (const record of portion) {
      const { client, acked, results, textAt = 0 } = unseal(record) as SessionRecord;
      machine.sessions.put(nameOf(record[0]), { client, acked, results: new Map(results.map(rememberedOf)), textAt });
    }
  }
  return { machine, repairs };
}

function recordOf(key: string, cell: Cell | null): Change {
  if (cell === null) return { kind: 'delete', key };
  return { kind: 'put', key, value: sealText(key, cellText(cell, 0, null)) };
}

/** An earlier version wrote records without `textAt` (S9). */
export interface SessionRecord extends Pick<Session, 'client' | 'acked'>, Partial<Pick<Session, 'textAt'>> {
  readonly results: readonly ResultRecord[];
}

/** A seq, its outcome, and the digest of its operation. Earlier versions wrote no digest (S3). */
export type ResultRecord = readonly [seq: number, outcome: Outcome, digest?: number | undefined];

function rememberedOf([seq, outcome, digest]: ResultRecord): [number, Remembered] {
  return [seq, new Remembered(outcome, undefined, digest)];
}

/** Loads the log. Each record replaces all earlier entries from its first index on. */
async function loadLog(store: Store, { base, applied }: Meta, budget: LoadBudget): Promise<LoadedLog> {
  const entries: Entry[] = [];
  let commit = applied;
  const logRecords: number[] = [];
  for await (const portion of store.read(LOG)) {
    for (const record of portion) {
      const first = indexOf(record[0]);
      const { run, known } = logRecordOf(unseal(record) as readonly unknown[]);
      commit = Math.max(commit, known);
      logRecords.push(first);
      const place = first - base.index - 1;
      if (place > entries.length) throw damaged(`entries are missing before ${record[0]}`);
      for (const replaced of entries.splice(Math.max(0, place))) budget.giveBack(weightOf(replaced));
      for (const entry of run.slice(Math.max(0, -place))) {
        budget.take(weightOf(entry));
        entries.push(entry);
      }
    }
  }
  if (base.index + entries.length < commit) throw damaged(`the log ends before entry ${commit}, which is applied`);
  return { entries, commit, logRecords };
}

type LoadedLog = Pick<Loaded, 'entries' | 'commit' | 'logRecords'>;

/**
 * Reads a log record: a commit index and runs of entries. Format 2 has only the runs, and format 1 has single entries.
 */
function logRecordOf(record: readonly unknown[]): { readonly run: readonly Entry[]; readonly known: number } {
  const [first, ...rest] = record;
  if (typeof first === 'number') return { run: unpackEntries(rest), known: first };
  const isUnpacked = typeof first === 'object' && first !== null && 'operation' in first;
  return { run: isUnpacked ? (record as readonly Entry[]) : unpackEntries(record), known: 0 };
}

function refused(directory: string, what: string): UnderstudyError {
  const message = `dataDir: ${directory} ${what}: nothing in it was changed`;
  return new UnderstudyError('INVALID_PARAMS', message, { data: { field: 'dataDir' } });
}

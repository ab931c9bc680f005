/** What a server finds on its disk when it starts (R9). */
import { type KeyRange, type Store, type StoredEntry, UnderstudyError, unseal, unsealText } from '@understudy/rpc';
import type { Entry } from '../core/operation.ts';
import type { Meta } from '../core/persist.ts';
import type { Restored } from '../core/persistence.ts';
import type { Session } from '../core/sessions.ts';
import { StateMachine } from '../core/state-machine.ts';
import { type PackedRun, unpackEntries } from '../packed.ts';
import { cellOf, damaged, dataRange, indexOf, LOG, META_KEY, nameOf, otherData } from './records.ts';

/** Of the records' layout. A newer one is refused, not guessed at. */
export const FORMAT = 2;

export interface MetaRecord extends Meta {
  readonly format: number;
  /** The address that the server had. */
  readonly server: string;
}

export interface Loaded extends Restored {
  /** First indexes of the log records that are there, in order. */
  readonly logRecords: readonly number[];
}

export interface LoadParts {
  /** For messages. */
  readonly directory: string;
  readonly server: string;
  readonly valueUnits: number;
}

/** Fails with STORE_DAMAGED where a record is not what was written, with INVALID_PARAMS where the data is somebody else's. */
export async function load(store: Store, { directory, server, valueUnits }: LoadParts): Promise<Loaded> {
  const meta = await loadMeta(store, server, directory);
  if (meta === undefined) return { meta, entries: [], machine: undefined, logRecords: [] };
  // What a transfer that never ended has left behind, or an older generation.
  for (const kind of ['cell', 'session'] as const) {
    for (const range of otherData(kind, meta.generation)) await store.clear(range);
  }
  const machine = await loadMachine(store, meta.generation, valueUnits);
  return { meta, machine, ...(await loadLog(store, meta)) };
}

async function loadMeta(store: Store, server: string, directory: string): Promise<MetaRecord | undefined> {
  const record = await firstOf(store, { from: META_KEY, to: `${META_KEY}0` });
  if (record === undefined) {
    if ((await firstOf(store, { from: '', to: '\u{10ffff}' })) === undefined) return undefined;
    throw damaged(`there is data, but no ${META_KEY}`);
  }
  const meta = unseal(record) as MetaRecord;
  const { format } = meta;
  if (format > FORMAT) {
    throw refused(directory, `was written in format ${format} by a newer version, and this one reads up to ${FORMAT}`);
  }
  if (meta.server !== server)
    throw refused(directory, `holds the data of ${meta.server}, and this server is ${server}`);
  return meta;
}

async function firstOf(store: Store, range: KeyRange): Promise<StoredEntry | undefined> {
  for await (const portion of store.read(range)) for (const record of portion) return record;
  return undefined;
}

async function loadMachine(store: Store, generation: number, valueUnits: number): Promise<StateMachine> {
  const machine = new StateMachine(valueUnits);
  for await (const portion of store.read(dataRange('cell', generation))) {
    for (const record of portion) {
      machine.cells.set(nameOf(record[0]), cellOf(unsealText(record)));
    }
  }
  for await (const portion of store.read(dataRange('session', generation))) {
    for (const record of portion) {
      const { client, acked, results } = unseal(record) as SessionRecord;
      machine.sessions.put(nameOf(record[0]), { client, acked, results: new Map(results) });
    }
  }
  return machine;
}

export interface SessionRecord extends Pick<Session, 'client' | 'acked'> {
  readonly results: readonly (readonly [number, Session['results'] extends ReadonlyMap<number, infer O> ? O : never])[];
}

/** Each record replaces whatever those before it say of its first index and all above. */
async function loadLog(store: Store, { base, applied }: Meta): Promise<Pick<Loaded, 'entries' | 'logRecords'>> {
  const entries: Entry[] = [];
  const logRecords: number[] = [];
  for await (const portion of store.read(LOG)) {
    for (const record of portion) {
      const first = indexOf(record[0]);
      const run = entriesOf(unseal(record) as readonly (Entry | PackedRun)[]);
      logRecords.push(first);
      const place = first - base.index - 1;
      if (place > entries.length) throw damaged(`entries are missing before ${record[0]}`);
      entries.length = Math.max(0, place);
      for (const entry of run.slice(Math.max(0, -place))) entries.push(entry);
    }
  }
  if (base.index + entries.length < applied) throw damaged(`the log ends before entry ${applied}, which is applied`);
  return { entries, logRecords };
}

/** In format 1 a record of the log held the entries as they are. */
function entriesOf(record: readonly (Entry | PackedRun)[]): readonly Entry[] {
  const [first] = record;
  return first !== undefined && 'operation' in first ? (record as readonly Entry[]) : unpackEntries(record);
}

function refused(directory: string, what: string): UnderstudyError {
  const message = `dataDir: ${directory} ${what}: nothing in it was changed`;
  return new UnderstudyError('INVALID_PARAMS', message, { data: { field: 'dataDir' } });
}

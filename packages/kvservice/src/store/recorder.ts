/** Converts a replica's writes to records. */
import { type Change, seal, sealText } from '@understudy/rpc';
import type { DataChange, LogChange, Meta, Persist } from '../core/persist.ts';
import type { Remembered } from '../core/remembered.ts';
import { packEntries } from '../packed.ts';
import { FORMAT, type MetaRecord, type ResultRecord, type SessionRecord } from './load.ts';
import { cellText, dataKey, logKey, META_KEY } from './records.ts';

export class Recorder {
  readonly #server: string;
  /** The first indexes of the log records on disk, in order. */
  readonly #logRecords: number[];

  constructor(server: string, logRecords: readonly number[]) {
    this.#server = server;
    this.#logRecords = [...logRecords];
  }

  /** Adds the changes of one write, in order. */
  record({ log, meta, data }: Persist, changes: Change[]): void {
    if (log !== undefined) this.#log(log, changes);
    if (data !== undefined) recordData(data, changes);
    if (meta !== undefined) this.#meta(meta, changes);
  }

  #log({ from, entries, commit }: LogChange, changes: Change[]): void {
    for (let last = this.#logRecords.at(-1); last !== undefined && last >= from; last = this.#logRecords.at(-1)) {
      changes.push({ kind: 'delete', key: logKey(last) });
      this.#logRecords.pop();
    }
    // Written even without entries, because the record then cuts off the end of the one before.
    if (this.#logRecords.length === 0 && entries.length === 0) return;
    put(changes, logKey(from), [commit, ...packEntries(entries)]);
    this.#logRecords.push(from);
  }

  /** Writes the metadata, and deletes log records below the beginning of the log (R12). */
  #meta(meta: Meta, changes: Change[]): void {
    const record: MetaRecord = { format: FORMAT, server: this.#server, ...meta };
    put(changes, META_KEY, record);
    let old = 0;
    while ((this.#logRecords[old + 1] ?? Infinity) <= meta.base.index + 1) old += 1;
    for (const first of this.#logRecords.splice(0, old)) changes.push({ kind: 'delete', key: logKey(first) });
  }
}

function recordData({ generation, checkpoint, cells, sessions }: DataChange, changes: Change[]): void {
  for (const [name, cell, before = null] of cells) {
    const key = dataKey('cell', generation, name);
    if (cell === null) changes.push({ kind: 'delete', key });
    else changes.push({ kind: 'put', key, value: sealText(key, cellText(cell, checkpoint, before)) });
  }
  for (const [name, session] of sessions) {
    const key = dataKey('session', generation, name);
    if (session === null) changes.push({ kind: 'delete', key });
    else {
      const { client, acked, results, textAt } = session;
      put(changes, key, { client, acked, textAt, results: [...results].map(resultOf) } satisfies SessionRecord);
    }
  }
}

function resultOf([seq, { outcome, digest }]: readonly [number, Remembered]): ResultRecord {
  return digest === undefined ? [seq, outcome] : [seq, outcome, digest];
}

function put(changes: Change[], key: string, value: unknown): void {
  changes.push({ kind: 'put', key, value: seal(key, value) });
}

/**
 * The records of a server on its disk: their keys, and the format of cells.
 *
 * A cell's record holds its value before and after a checkpoint. So a checkpoint can be written in pieces, and a crash
 * before its end loses nothing.
 */
import { type KeyRange, UnderstudyError } from '@understudy/rpc';
import type { Cell } from '../core/cell.ts';

export const META_KEY = 'meta';
export const LOG: KeyRange = { from: 'log/', to: 'log0' };

/** The key of the log record that starts at `index`. */
export function logKey(index: number): string {
  return `log/${String(index).padStart(16, '0')}`;
}

export function indexOf(key: string): number {
  return Number(key.slice('log/'.length));
}

export type DataKind = 'cell' | 'session';

/** The key of a data record. A generation is one set of data, and only one generation is in use (R10). */
export function dataKey(kind: DataKind, generation: number, name: string): string {
  return `${kind}/${generation}/${name}`;
}

export function dataRange(kind: DataKind, generation: number): KeyRange {
  // "0" is the character after "/".
  return { from: `${kind}/${generation}/`, to: `${kind}/${generation}0` };
}

/** The ranges of all other generations of this kind. */
export function otherData(kind: DataKind, generation: number): readonly KeyRange[] {
  const { from, to } = dataRange(kind, generation);
  return [
    { from: `${kind}/`, to: from },
    { from: to, to: `${kind}0` },
  ];
}

export function nameOf(key: string): string {
  return key.slice(key.indexOf('/', key.indexOf('/') + 1) + 1);
}

/** A cell as of a checkpoint, and its value before. */
export interface CellRecord {
  readonly checkpoint: number;
  readonly cell: Cell;
  /** Null if the key was absent. */
  readonly before: Cell | null;
}

/**
 * Encodes a cell: `@`, the checkpoint, the revision and the UTF-16 length of the value, each followed by a space, and
 * the value. If there was a previous cell, its revision, a space and its value follow. With both values in one record,
 * a checkpoint can be written in pieces and still take effect as a whole or not at all.
 */
export function cellText({ value, revision }: Cell, checkpoint: number, before: Cell | null): string {
  const text = `@${checkpoint} ${revision} ${value.length} ${value}`;
  return before === null ? text : `${text}${before.revision} ${before.value}`;
}

/**
 * Decodes a cell. Format 2 has the revision, a space and the value; format 1 is JSON: `[value, revision]`. Those always
 * count.
 */
export function readCell(text: string): CellRecord {
  if (!text.startsWith('@')) return { checkpoint: 0, cell: oldCell(text), before: null };
  const afterCheckpoint = text.indexOf(' ');
  const afterRevision = text.indexOf(' ', afterCheckpoint + 1);
  const start = text.indexOf(' ', afterRevision + 1) + 1;
  const end = start + Number(text.slice(afterRevision + 1, start - 1));
  const hasBefore = end < text.length;
  const value = text.slice(start, end);
  return {
    checkpoint: Number(text.slice(1, afterCheckpoint)),
    cell: { value: hasBefore ? alone(value) : value, revision: Number(text.slice(afterCheckpoint + 1, afterRevision)) },
    before: hasBefore ? oldCell(text.slice(end)) : null,
  };
}

function oldCell(text: string): Cell {
  if (text.startsWith('[')) {
    const [value, revision] = JSON.parse(text) as [string, number];
    return { value, revision };
  }
  const space = text.indexOf(' ');
  return { value: text.slice(space + 1), revision: Number(text.slice(0, space)) };
}

/** Copies the text. A substring would keep the whole text in memory. */
function alone(value: string): string {
  return Buffer.from(value).toString();
}

export function damaged(what: string): UnderstudyError {
  return new UnderstudyError('STORE_DAMAGED', what);
}

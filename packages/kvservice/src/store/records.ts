/** The records of a server on its disk: where they are, and what those of cells say. */
import { type KeyRange, UnderstudyError } from '@understudy/rpc';
import type { Cell } from '../core/cell.ts';

export const META_KEY = 'meta';
export const LOG: KeyRange = { from: 'log/', to: 'log0' };

/** The key of the run of entries that begins at `index`. */
export function logKey(index: number): string {
  return `log/${String(index).padStart(16, '0')}`;
}

export function indexOf(key: string): number {
  return Number(key.slice('log/'.length));
}

export type DataKind = 'cell' | 'session';

/** The key of a data record: a generation is one set of data, of which only one counts (R10). */
export function dataKey(kind: DataKind, generation: number, name: string): string {
  return `${kind}/${generation}/${name}`;
}

export function dataRange(kind: DataKind, generation: number): KeyRange {
  // "0" comes just after "/".
  return { from: `${kind}/${generation}/`, to: `${kind}/${generation}0` };
}

/** Everything of this kind that belongs to other generations. */
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

/** A cell as it is from a checkpoint on, and as it was before. */
export interface CellRecord {
  readonly checkpoint: number;
  readonly cell: Cell;
  /** Null: it was not there. */
  readonly before: Cell | null;
}

/**
 * A cell as text: an `@`, the checkpoint, the revision and the UTF-16 units of its value, a space behind each, and the value as it is; then, if it had one,
 * its former revision, a space, and its former value. So a checkpoint can come to the disk in pieces, and count, or not, as a whole.
 */
export function cellText({ value, revision }: Cell, checkpoint: number, before: Cell | null): string {
  const text = `@${checkpoint} ${revision} ${value.length} ${value}`;
  return before === null ? text : `${text}${before.revision} ${before.value}`;
}

/** In format 2 it was the revision, a space and the value, in format 1 JSON: `[value, revision]`. Both count always. */
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

/** A part of a text keeps all of it in memory; a copy does not. */
function alone(value: string): string {
  return Buffer.from(value).toString();
}

export function damaged(what: string): UnderstudyError {
  return new UnderstudyError('STORE_DAMAGED', what);
}

/** The records of a server on its disk: where they are, and what those of cells say. */
import { type KeyRange, UnderstudyError } from '@understudy/rpc';
import type { Cell } from '../core/state-machine.ts';

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

/** A cell as text: its revision, a space, its value as it is. */
export function cellText({ value, revision }: Cell): string {
  return `${revision} ${value}`;
}

/** In format 1 it was JSON: `[value, revision]`. */
export function cellOf(text: string): Cell {
  if (text.startsWith('[')) {
    const [value, revision] = JSON.parse(text) as [string, number];
    return { value, revision };
  }
  const space = text.indexOf(' ');
  return { value: text.slice(space + 1), revision: Number(text.slice(0, space)) };
}

export function damaged(what: string): UnderstudyError {
  return new UnderstudyError('STORE_DAMAGED', what);
}

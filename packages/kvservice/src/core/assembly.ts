/**
 * An entry that is too large for one message, seen from the backup: the pieces of its JSON text, put together (R2). It stands beside the
 * log until a prepare makes it an entry. The name of an entry is its (viewnum, index), which never names two entries (R1); a piece of
 * another entry, or one that does not follow what is here, is not taken, or a text would be made of two.
 */
import type { Position } from '@understudy/sysmonitor';
import { entryFrom } from './entry-text.ts';
import type { Piece } from './message.ts';
import type { Entry } from './operation.ts';

/** An operation has two values and a key at most; in JSON text each of their units takes six at most. */
const UNITS_PER_VALUE_UNIT = 14;
const KEY_UNITS = 100_000;

export class Assembly {
  /** The run of the primary that sends: another one may put the same entry into other words. */
  readonly incarnation: string;
  readonly entry: Position;
  readonly #mostUnits: number;
  #text = '';

  constructor({ incarnation, entry }: Pick<Piece, 'incarnation' | 'entry'>, valueUnits: number) {
    this.incarnation = incarnation;
    this.entry = entry;
    this.#mostUnits = UNITS_PER_VALUE_UNIT * valueUnits + KEY_UNITS;
  }

  /** UTF-16 units that are here, from the start on. */
  get units(): number {
    return this.#text.length;
  }

  isOf({ incarnation, entry }: Pick<Piece, 'incarnation' | 'entry'>): boolean {
    return incarnation === this.incarnation && entry.index === this.entry.index && entry.viewnum === this.entry.viewnum;
  }

  /** Takes what follows what is here; a copy of what is here already, or what has a gap before it, changes nothing. */
  take({ from, text }: Pick<Piece, 'from' | 'text'>): void {
    if (from === this.#text.length && from + text.length <= this.#mostUnits) this.#text += text;
  }

  /** The entry, once its text is complete; undefined where the text says something else. */
  complete(): Entry | undefined {
    const entry = entryFrom(this.#text);
    return entry?.viewnum === this.entry.viewnum ? entry : undefined;
  }
}

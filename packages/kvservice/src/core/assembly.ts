/**
 * A large entry at the backup: assembles its JSON text from pieces (R2).
 *
 * The text stays beside the log until a prepare makes it an entry. An entry is named by its (viewnum, index), which
 * never names two entries (R1). A piece of another entry, or one that does not continue the text, is not taken, so the
 * text is never mixed from two entries.
 */
import type { Position } from '@understudy/sysmonitor';
import { entryFrom } from './entry-text.ts';
import type { Piece } from './message.ts';
import type { Entry } from './operation.ts';

/** An operation has at most two values and a key, and each of their units takes at most six units in JSON. */
const UNITS_PER_VALUE_UNIT = 14;
const KEY_UNITS = 100_000;

export class Assembly {
  /** The incarnation of the sender. Another primary may encode the same entry differently. */
  readonly incarnation: string;
  readonly entry: Position;
  readonly #mostUnits: number;
  #text = '';

  constructor({ incarnation, entry }: Pick<Piece, 'incarnation' | 'entry'>, valueUnits: number) {
    this.incarnation = incarnation;
    this.entry = entry;
    this.#mostUnits = UNITS_PER_VALUE_UNIT * valueUnits + KEY_UNITS;
  }

  /** The UTF-16 units received so far, from the start of the text. */
  get units(): number {
    return this.#text.length;
  }

  isOf({ incarnation, entry }: Pick<Piece, 'incarnation' | 'entry'>): boolean {
    return incarnation === this.incarnation && entry.index === this.entry.index && entry.viewnum === this.entry.viewnum;
  }

  /** Appends the piece if it continues the text. A repeated piece, or one after a gap, changes nothing. */
  take({ from, text }: Pick<Piece, 'from' | 'text'>): void {
    if (from === this.#text.length && from + text.length <= this.#mostUnits) this.#text += text;
  }

  /** Returns the entry once its text is complete; undefined if the text is not that entry. */
  complete(): Entry | undefined {
    const entry = entryFrom(this.#text);
    return entry?.viewnum === this.entry.viewnum ? entry : undefined;
  }
}

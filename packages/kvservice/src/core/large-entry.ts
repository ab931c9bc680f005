/**
 * A large entry at the primary: its JSON text, cut into pieces.
 *
 * The pieces are sent one after the other, and the prepare after the last one makes the text an entry. The size of a
 * piece is decided only when it is cut, so that it fits the current pace.
 */
import { cutText } from './cut-text.ts';
import { textOfEntry } from './entry-text.ts';
import type { Entry } from './operation.ts';

export class LargeEntry {
  readonly index: number;
  readonly viewnum: number;
  readonly #text: string;
  #sent = 0;
  /** The units that the backup is known to have. */
  #taken = 0;

  constructor(index: number, entry: Entry) {
    this.index = index;
    this.viewnum = entry.viewnum;
    this.#text = textOfEntry(entry);
  }

  get units(): number {
    return this.#text.length;
  }

  get sent(): number {
    return this.#sent;
  }

  /** All of the text has been sent. */
  get isSent(): boolean {
    return this.#sent === this.#text.length;
  }

  /** Returns the next piece, of about that many units. */
  cut(units: number): string {
    const text = cutText(this.#text, this.#sent, units);
    this.#sent += text.length;
    return text;
  }

  /** The backup has the first `units` units. */
  taken(units: number): void {
    this.#taken = Math.max(this.#taken, Math.min(units, this.#text.length));
    this.#sent = Math.max(this.#sent, this.#taken);
  }

  /** What was in flight may be lost: resends from the units that the backup is known to have. */
  sendAgain(): void {
    this.#sent = Math.min(this.#sent, this.#taken);
  }

  /** Continues from the position that the backup reports, which may be the start. */
  sendFrom(units: number): void {
    this.#sent = Math.min(units, this.#text.length);
    this.#taken = this.#sent;
  }
}

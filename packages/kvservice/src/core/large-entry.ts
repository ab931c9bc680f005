/**
 * An entry that is too large for one message, seen from the primary: its JSON text, cut into pieces. Pieces are sent one behind the
 * other; the prepare behind the last one makes the text an entry. What a piece may take is decided when it is cut, so that it fits the line.
 */
import { cutText } from './cut-text.ts';
import { textOfEntry } from './entry-text.ts';
import type { Entry } from './operation.ts';

export class LargeEntry {
  readonly index: number;
  readonly viewnum: number;
  readonly #text: string;
  #sent = 0;
  /** Units that the backup is known to have. */
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

  /** All of it is on the way, or there. */
  get isSent(): boolean {
    return this.#sent === this.#text.length;
  }

  /** The next piece, of about so many units. */
  cut(units: number): string {
    const text = cutText(this.#text, this.#sent, units);
    this.#sent += text.length;
    return text;
  }

  /** The backup has all up to there. */
  taken(units: number): void {
    this.#taken = Math.max(this.#taken, Math.min(units, this.#text.length));
    this.#sent = Math.max(this.#sent, this.#taken);
  }

  /** What was under way is lost, or may be: on from what the backup is known to have. */
  sendAgain(): void {
    this.#sent = Math.min(this.#sent, this.#taken);
  }

  /** The backup says where it stands, which may be at the start again. */
  sendFrom(units: number): void {
    this.#sent = Math.min(units, this.#text.length);
    this.#taken = this.#sent;
  }
}

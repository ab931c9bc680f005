/**
 * Splits a stream of bytes into lines of text. The lines do not depend on chunk boundaries, and memory is bounded by
 * one line.
 */
import { utf8Text } from './utf8.ts';

/** Stands for a line that is not UTF-8. */
export const NOT_UTF8 = Symbol('not UTF-8');
/** Stands for a line over the limit. Nothing is read after it. */
export const TOO_LONG = Symbol('too long');

export type Line = string | typeof NOT_UTF8 | typeof TOO_LONG;

const NEWLINE = 0x0a;
const SMALLEST_BUFFER = 1024;

export class LineReader {
  readonly #maxBytes: number;
  /** Chunks that have not been scanned yet. */
  #chunks: Buffer[] = [];
  /** Complete lines, decoded together. */
  #text = '';
  #at = 0;
  /** Lines from bytes that were not UTF-8 as a whole, decoded one by one; the last line comes first. */
  #badlyEncoded: Line[] = [];
  /** The start of an incomplete line. The buffer grows by doubling. */
  #partial: Buffer = Buffer.alloc(0);
  #partialBytes = 0;
  #tooLong = false;
  #told = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The bytes of the incomplete line. */
  get partialBytes(): number {
    return this.#partialBytes;
  }

  /** The bytes of memory that unread input takes. */
  get heldBytes(): number {
    const text = Math.max(0, this.#text.length - this.#at);
    return this.#partial.length + text + this.#chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  }

  /** True if there is nothing to scan until more input arrives. */
  get isIdle(): boolean {
    return (
      this.#chunks.length === 0 && this.#at > this.#text.length && this.#badlyEncoded.length === 0 && !this.#owesRefusal
    );
  }

  get #owesRefusal(): boolean {
    return this.#tooLong && !this.#told;
  }

  push(chunk: Buffer): void {
    if (!this.#tooLong) this.#chunks.push(chunk);
  }

  /** The input has ended. Text after the last newline is a line too. */
  end(): void {
    this.push(Buffer.of(NEWLINE));
  }

  /** Returns the next complete line that is not blank, without its newline. */
  next(): Line | undefined {
    for (;;) {
      const line = this.#nextOfText() ?? this.#badlyEncoded.pop();
      if (line === '' || line === '\r') continue;
      if (line !== undefined && this.#fits(line)) return line;
      if (this.#tooLong) return this.#tellOnce();
      const chunk = this.#chunks.shift();
      if (chunk === undefined) return undefined;
      this.#load(chunk);
    }
  }

  #nextOfText(): string | undefined {
    if (this.#at > this.#text.length) return undefined;
    const end = this.#text.indexOf('\n', this.#at);
    const line = end === -1 ? this.#text.slice(this.#at) : this.#text.slice(this.#at, end);
    this.#at = end === -1 ? Number.POSITIVE_INFINITY : end + 1;
    return line;
  }

  #fits(line: Line): boolean {
    if (typeof line !== 'string' || line.length * 3 <= this.#maxBytes) return true;
    if (Buffer.byteLength(line) <= this.#maxBytes) return true;
    this.#at = Number.POSITIVE_INFINITY;
    this.#badlyEncoded = [];
    this.#refuse();
    return false;
  }

  #tellOnce(): typeof TOO_LONG | undefined {
    if (this.#told) return undefined;
    this.#told = true;
    return TOO_LONG;
  }

  #load(chunk: Buffer): void {
    const first = this.#partialBytes === 0 ? chunk.lastIndexOf(NEWLINE) : chunk.indexOf(NEWLINE);
    if (first === -1) {
      this.#keep(chunk);
    } else if (this.#partialBytes === 0) {
      this.#decode(chunk.subarray(0, first));
      this.#keep(chunk.subarray(first + 1));
    } else {
      this.#keep(chunk.subarray(0, first));
      this.#decode(this.#takePartial());
      if (first + 1 < chunk.length) this.#chunks.unshift(chunk.subarray(first + 1));
    }
  }

  #keep(bytes: Buffer): void {
    if (this.#tooLong) return;
    const needed = this.#partialBytes + bytes.length;
    if (needed > this.#maxBytes) return this.#refuse();
    if (needed > this.#partial.length) {
      const grown = Buffer.allocUnsafeSlow(
        Math.max(needed, Math.min(2 * this.#partial.length, this.#maxBytes), SMALLEST_BUFFER),
      );
      this.#partial.copy(grown, 0, 0, this.#partialBytes);
      this.#partial = grown;
    }
    bytes.copy(this.#partial, this.#partialBytes);
    this.#partialBytes = needed;
  }

  #takePartial(): Buffer {
    const line = this.#partial.subarray(0, this.#partialBytes);
    this.#partialBytes = 0;
    if (this.#partial.length > 64 * SMALLEST_BUFFER) this.#partial = Buffer.alloc(0);
    return line;
  }

  /** A newline is never part of a longer UTF-8 sequence, so lines may be decoded together. */
  #decode(lines: Buffer): void {
    const text = utf8Text(lines);
    if (text !== undefined) {
      this.#text = text;
      this.#at = 0;
      return;
    }
    for (let start = 0; start <= lines.length; ) {
      const end = lines.indexOf(NEWLINE, start);
      const line = lines.subarray(start, end === -1 ? lines.length : end);
      if (line.length > this.#maxBytes) {
        this.#refuse();
        break;
      }
      this.#badlyEncoded.push(utf8Text(line) ?? NOT_UTF8);
      start = end === -1 ? Number.POSITIVE_INFINITY : end + 1;
    }
    this.#badlyEncoded.reverse();
  }

  /** Refuses the rest of the input. Complete lines before it are still returned. */
  #refuse(): void {
    this.#tooLong = true;
    this.#chunks = [];
    this.#partial = Buffer.alloc(0);
    this.#partialBytes = 0;
  }
}

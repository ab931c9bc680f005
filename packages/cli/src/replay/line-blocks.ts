/** Reads the lines of a file while holding no more than a piece and a line, and records where blocks of lines begin. */
import type { FileHandle } from 'node:fs/promises';

/** Some consecutive lines. Offsets and lengths are in bytes. */
export interface Block {
  readonly offset: number;
  readonly length: number;
  readonly lines: number;
}

export interface Line {
  /** From 1. */
  readonly number: number;
  readonly text: string;
  /** A newline follows the line. */
  readonly isWhole: boolean;
  /** The offset of the byte after it, including the newline. */
  readonly end: number;
}

/** No line of a trace is longer. */
export const LONGEST_LINE_BYTES = 16 * 1024 * 1024;
const PIECE_BYTES = 1024 * 1024;
const NEWLINE = 10;

export class LineTooLong extends Error {}

/** Throws LineTooLong. */
export async function* linesOf(file: FileHandle): AsyncGenerator<Line> {
  let rest: Buffer = Buffer.alloc(0);
  let offset = 0;
  let number = 0;
  for (;;) {
    const { bytesRead, buffer } = await file.read(
      Buffer.allocUnsafe(PIECE_BYTES),
      0,
      PIECE_BYTES,
      offset + rest.length,
    );
    if (bytesRead === 0) break;
    const bytes =
      rest.length === 0 ? buffer.subarray(0, bytesRead) : Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
    let start = 0;
    for (let at = bytes.indexOf(NEWLINE, rest.length); at !== -1; at = bytes.indexOf(NEWLINE, start)) {
      number += 1;
      yield { number, text: bytes.toString('utf8', start, at), isWhole: true, end: offset + at + 1 };
      start = at + 1;
    }
    rest = bytes.subarray(start);
    offset += start;
    if (rest.length > LONGEST_LINE_BYTES) {
      throw new LineTooLong(`line ${number + 1}: longer than ${LONGEST_LINE_BYTES} bytes`);
    }
  }
  if (rest.length > 0) yield { number: number + 1, text: rest.toString(), isWhole: false, end: offset + rest.length };
}

/** Groups lines into blocks that are each quick to read. */
export class Blocks {
  readonly #most: { readonly lines: number; readonly bytes: number };
  readonly #done: Block[] = [];
  #offset = 0;
  #lines = 0;
  #end = 0;

  constructor(most = { lines: 4_096, bytes: 2 * 1024 * 1024 }) {
    this.#most = most;
  }

  add({ end }: Pick<Line, 'end'>): void {
    this.#lines += 1;
    this.#end = end;
    if (this.#lines >= this.#most.lines || end - this.#offset >= this.#most.bytes) this.#close();
  }

  /** Nothing may be added afterwards. */
  all(): readonly Block[] {
    if (this.#lines > 0) this.#close();
    return this.#done;
  }

  #close(): void {
    this.#done.push({ offset: this.#offset, length: this.#end - this.#offset, lines: this.#lines });
    this.#offset = this.#end;
    this.#lines = 0;
  }
}

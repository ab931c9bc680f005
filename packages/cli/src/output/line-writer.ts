/**
 * Writes the lines of a log in the background and in order, and drops lines that cannot be written.
 *
 * One write is under way at a time; further lines wait in a queue of bounded size. If the queue is full (the reader of
 * a pipe stops reading) or a write fails (a full disk, a closed terminal), lines are dropped and counted. A failed
 * write is retried from time to time, with a line that says how many lines were dropped. That line is the first one
 * after the gap. So logging neither blocks nor ends a process, and a gap in the log is visible.
 */
import type { Clock, Timer } from '@understudy/rpc';
import type { Descriptor } from './descriptor.ts';

/** The characters that may wait. */
const MOST_WAITING = 256 * 1024;
/** The characters written at once; more if one line is longer. */
const WRITTEN_TOGETHER = 16 * 1024;
export const RETRY_AFTER_MS = 250;

const NEWLINE = 0x0a;
const NOBODY_READS = 'nobody reads it';

export interface LineWriterParts {
  readonly descriptor: Descriptor;
  readonly clock: Pick<Clock, 'after'>;
  /** The line after a gap: how many lines are missing, and why. */
  readonly gapInWords: (dropped: number, reason: string) => string;
}

interface Chunk {
  readonly bytes: Buffer;
  /** The number of the caller's lines in it. */
  readonly lines: number;
  /** The number of dropped lines that it reports. */
  readonly tells: number;
  /** It is the rest of a line whose beginning was written. */
  readonly isRest: boolean;
}

const NOTHING: Buffer = Buffer.alloc(0);

export class LineWriter {
  readonly #parts: LineWriterParts;
  #waiting: string[] = [];
  #waitingUnits = 0;
  #isWriting = false;
  /** No line is accepted until the queue is written, so that there is one gap instead of many. */
  #isFull = false;
  #retry: Timer | undefined;
  #dropped = 0;
  #untold = 0;
  #reason = '';
  /** The rest of a line of which a failed write has written a part. */
  #rest = NOTHING;
  #isClosed = false;
  #idle: (() => void)[] = [];

  constructor(parts: LineWriterParts) {
    this.#parts = parts;
  }

  /** The total number of dropped lines. */
  get dropped(): number {
    return this.#dropped;
  }

  /** `line` contains no newline. */
  write(line: string): void {
    if (this.#waitingUnits + line.length > MOST_WAITING) this.#isFull = true;
    if (this.#isFull) this.#reason = NOBODY_READS;
    if (this.#isFull || this.#retry !== undefined || this.#isClosed) return this.#drop(1);
    this.#waiting.push(line);
    this.#waitingUnits += line.length;
    this.#writeNext();
  }

  /**
   * Resolves when everything is written or dropped, or after `patienceMs`. False: a write is still under way. No line
   * is accepted afterwards.
   */
  async close(patienceMs: number): Promise<boolean> {
    this.#isClosed = true;
    if (this.#retry !== undefined) this.#tryAgain();
    if (!this.#isWriting) return true;
    const isIdle = new Promise<void>((resolve) => this.#idle.push(resolve));
    let patience: Timer | undefined;
    const isLate = new Promise<void>((resolve) => {
      patience = this.#parts.clock.after(patienceMs, resolve);
    });
    await Promise.race([isIdle, isLate]);
    patience?.cancel();
    return !this.#isWriting;
  }

  #drop(lines: number): void {
    this.#dropped += lines;
    this.#untold += lines;
  }

  #writeNext(): void {
    if (this.#isWriting) return;
    const chunk = this.#nextChunk();
    if (chunk !== undefined) return this.#write(chunk, 0);
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  #nextChunk(): Chunk | undefined {
    if (this.#rest.length > 0) return this.#takeRest();
    if (this.#waiting.length > 0 && !this.#isBehindGap) return this.#takeLines();
    if (this.#untold === 0) return undefined;
    this.#isFull = false;
    const gap = `${this.#parts.gapInWords(this.#untold, this.#reason)}\n`;
    return { bytes: Buffer.from(gap), lines: 0, tells: this.#untold, isRest: false };
  }

  #takeRest(): Chunk {
    const bytes = this.#rest;
    this.#rest = NOTHING;
    return { bytes, lines: 0, tells: 0, isRest: true };
  }

  /** The waiting lines came after the dropped ones. */
  get #isBehindGap(): boolean {
    return this.#untold > 0 && !this.#isFull;
  }

  #takeLines(): Chunk {
    const lines: string[] = [];
    for (let units = 0; units < WRITTEN_TOGETHER && lines.length < this.#waiting.length; ) {
      const line = this.#waiting[lines.length] ?? '';
      lines.push(line);
      units += line.length;
    }
    this.#waiting.splice(0, lines.length);
    for (const { length } of lines) this.#waitingUnits -= length;
    return { bytes: Buffer.from(`${lines.join('\n')}\n`), lines: lines.length, tells: 0, isRest: false };
  }

  #write(chunk: Chunk, from: number): void {
    this.#isWriting = true;
    this.#parts.descriptor.write(chunk.bytes.subarray(from), (error, written) => {
      const upTo = from + written;
      if (error === undefined && upTo < chunk.bytes.length) return this.#write(chunk, upTo);
      this.#isWriting = false;
      if (error !== undefined) return this.#fail(error, chunk, upTo);
      this.#untold -= chunk.tells;
      this.#writeNext();
    });
  }

  /** Drops whole lines. The rest of a line that was begun is kept, and written when writing works again. */
  #fail({ message }: Error, { bytes, lines, tells, isRest }: Chunk, written: number): void {
    const isTorn = written > 0 ? bytes[written - 1] !== NEWLINE : isRest;
    const end = isTorn ? bytes.indexOf(NEWLINE, written) + 1 : written;
    this.#rest = bytes.subarray(written, end);
    if (end === bytes.length) this.#untold -= tells;
    this.#reason = message;
    this.#drop((lines === 0 ? 0 : countLines(bytes.subarray(end))) + this.#waiting.length);
    this.#waiting = [];
    this.#waitingUnits = 0;
    this.#isFull = false;
    for (const resolve of this.#idle.splice(0)) resolve();
    if (!this.#isClosed) this.#retry = this.#parts.clock.after(RETRY_AFTER_MS, () => this.#tryAgain());
  }

  #tryAgain(): void {
    this.#retry?.cancel();
    this.#retry = undefined;
    this.#writeNext();
  }
}

function countLines(bytes: Uint8Array): number {
  return bytes.filter((byte) => byte === NEWLINE).length;
}

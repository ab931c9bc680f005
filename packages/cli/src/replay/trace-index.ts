/** The index of a trace file, built by reading the file once from beginning to end. */
import type { FileHandle } from 'node:fs/promises';
import type { TraceEvent, TraceStart } from '@understudy/testkit';
import { type Block, Blocks, type Line, LineTooLong, linesOf } from './line-blocks.ts';
import { parseLine, WrongLine } from './trace-line.ts';

export interface TraceIndex {
  readonly start: TraceStart;
  readonly events: number;
  /** The time of the last event, in virtual milliseconds. */
  readonly lastAt: number;
  readonly violations: number;
  readonly blocks: readonly Block[];
  /** Why the file does not contain the whole run, as a sentence; "" if it does. */
  readonly missing: string;
}

/** The file is no trace. The message names the line and the field. */
export class NoTrace extends Error {}

/** A browser can hold no more. */
const MOST_EVENTS = 500_000;

/** Throws NoTrace. */
export async function indexTrace(file: FileHandle, mostEvents = MOST_EVENTS): Promise<TraceIndex> {
  const indexing = new Indexing(mostEvents);
  try {
    for await (const line of linesOf(file)) if (!indexing.add(line)) break;
  } catch (error) {
    if (error instanceof LineTooLong) throw new NoTrace(error.message);
    throw error;
  }
  return indexing.done();
}

class Indexing {
  readonly #mostEvents: number;
  readonly #blocks = new Blocks();
  #start: TraceStart | undefined;
  #events = 0;
  #lastAt = 0;
  #violations = 0;
  #isOver = false;
  #missing = '';

  constructor(mostEvents: number) {
    this.#mostEvents = mostEvents;
  }

  /** False: no further line is wanted. */
  add(line: Line): boolean {
    if (this.#events >= this.#mostEvents) {
      this.#missing = `Only the first ${this.#events} events are played: no page can hold more.`;
      return false;
    }
    const event = this.#eventIn(line);
    if (event === undefined) return false;
    this.#expectPlace(event, line.number);
    this.#blocks.add(line);
    this.#events += 1;
    this.#lastAt = event.at;
    if (event.kind === 'violation') this.#violations += 1;
    this.#isOver = event.kind === 'end';
    return true;
  }

  done(): TraceIndex {
    if (this.#start === undefined) throw new NoTrace('the file is empty');
    if (this.#missing === '' && !this.#isOver)
      this.#missing = 'The file has no end: the run was cut off, or still goes on.';
    return {
      start: this.#start,
      events: this.#events,
      lastAt: this.#lastAt,
      violations: this.#violations,
      blocks: this.#blocks.all(),
      missing: this.#missing,
    };
  }

  /** Undefined if the file breaks off in this line. */
  #eventIn({ number, text, isWhole }: Line): TraceEvent | undefined {
    try {
      return parseLine(text);
    } catch (error) {
      if (!(error instanceof WrongLine)) throw error;
      if (isWhole || this.#events === 0) throw new NoTrace(`line ${number}: ${error.message}`);
      this.#missing = `The file breaks off in the middle of line ${number}: what stands before it is played.`;
      return undefined;
    }
  }

  #expectPlace(event: TraceEvent, number: number): void {
    if (this.#isOver) throw new NoTrace(`line ${number}: kind: nothing follows the end of a run`);
    if (event.at < this.#lastAt) throw new NoTrace(`line ${number}: at: ${event.at} is before the line above it`);
    if ((event.kind === 'start') !== (this.#events === 0)) {
      throw new NoTrace(`line ${number}: kind: a trace begins with "start", and has it once`);
    }
    if (event.kind === 'start') this.#start = event;
  }
}

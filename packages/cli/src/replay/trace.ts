/** An open trace file: its index, its events block by block, and each event alone. */
import { type FileHandle, open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { UnderstudyError } from '@understudy/rpc';
import { UsageError } from '../exit.ts';
import { fileFailure, kindOf } from '../file-failure.ts';
import { brief } from './brief.ts';
import type { Block } from './line-blocks.ts';
import { indexTrace, NoTrace, type TraceIndex } from './trace-index.ts';
import { parseLine } from './trace-line.ts';

export class Trace {
  readonly name: string;
  readonly index: TraceIndex;
  readonly #file: FileHandle;
  readonly #stamp: string;

  /** Throws UsageError if there is no such file, or it is no trace. */
  static async open(path: string): Promise<Trace> {
    // Opening a pipe would wait until another process writes to it.
    const found = await stat(path).catch((error: unknown) => fail(path, error));
    if (!found.isFile()) throw new UsageError(`${path}: it is a ${kindOf(found)}, and a trace must be a regular file`);
    const file = await open(path, 'r').catch((error: unknown) => fail(path, error));
    try {
      const stamp = await stampOf(file);
      return new Trace(basename(path), file, await indexTrace(file), stamp);
    } catch (error) {
      await file.close();
      return fail(path, error);
    }
  }

  private constructor(name: string, file: FileHandle, index: TraceIndex, stamp: string) {
    this.name = name;
    this.#file = file;
    this.index = index;
    this.#stamp = stamp;
  }

  /** One event per line. The text of a sent message is replaced by a short description and its length. */
  async block(place: number): Promise<string> {
    const block = this.index.blocks[place];
    if (block === undefined) throw invalid('block', this.index.blocks.length);
    return (await this.#lines(block)).map(shortened).join('\n');
  }

  /** An event as the file contains it, counted from 0. */
  async event(place: number): Promise<string> {
    let first = 0;
    for (const block of this.index.blocks) {
      if (place < first + block.lines) return (await this.#lines(block))[place - first] ?? '';
      first += block.lines;
    }
    throw invalid('event', this.index.events);
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  async #lines({ offset, length, lines }: Block): Promise<readonly string[]> {
    const bytes = Buffer.allocUnsafe(length);
    const { bytesRead } = await this.#file.read(bytes, 0, length, offset);
    // Another run may have overwritten the file.
    if (bytesRead < length || (await stampOf(this.#file)) !== this.#stamp) {
      const message = `${this.name} has changed since it was opened: start the replay again`;
      throw new UnderstudyError('STORE_FAILED', message);
    }
    return bytes.toString('utf8').split('\n').slice(0, lines);
  }
}

async function stampOf(file: FileHandle): Promise<string> {
  const { size, mtimeMs } = await file.stat();
  return `${size} ${mtimeMs}`;
}

function shortened(line: string): string {
  if (!line.includes('"kind":"sent"')) return line;
  const event = parseLine(line);
  if (event.kind !== 'sent') return line;
  const { text, ...rest } = event;
  return JSON.stringify({ ...rest, size: text.length, brief: brief(event.method, event.message, text) });
}

function invalid(field: string, count: number): UnderstudyError {
  return new UnderstudyError('INVALID_PARAMS', `${field} must be a whole number below ${count}`, { data: { field } });
}

function fail(path: string, error: unknown): never {
  if (error instanceof NoTrace) throw new UsageError(`${path}: ${error.message}`);
  const failure = fileFailure(path, error);
  if (failure === undefined) throw error;
  throw new UsageError(failure);
}

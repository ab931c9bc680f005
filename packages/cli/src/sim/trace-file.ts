/** Writes the events of a run to a file as they happen: one JSON object per line. */
import { type FileHandle, open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { TraceEvent } from '@understudy/testkit';
import { CommandFailure } from '../exit.ts';

/**
 * While a simulation runs, code of the packages must not set real timers or ticks, and writing to a stream does so.
 * Events are therefore only collected, and the stream fetches them whenever the file has taken the previous ones.
 */
export class TraceFile {
  readonly #path: string;
  readonly #written: Promise<void>;
  #failure: unknown;
  #lines: string[] = [];
  #isOver = false;
  #wake: () => void = () => {};

  /** Fails if the file cannot be written. */
  static async open(path: string): Promise<TraceFile> {
    const file = await open(path, 'w').catch((error: unknown) => fail(path, error));
    return new TraceFile(path, file);
  }

  private constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#written = pipeline(Readable.from(this.#chunks()), file.createWriteStream()).catch((error: unknown) => {
      this.#failure = error;
      this.#lines = [];
    });
  }

  add(event: TraceEvent): void {
    if (this.#failure !== undefined) return;
    this.#lines.push(`${JSON.stringify(event)}\n`);
    this.#wake();
  }

  /** Resolves when everything is in the file. Fails if something is not. */
  async close(): Promise<void> {
    this.#isOver = true;
    this.#wake();
    await this.#written;
    if (this.#failure !== undefined) fail(this.#path, this.#failure);
  }

  async *#chunks(): AsyncGenerator<string> {
    for (;;) {
      if (this.#lines.length > 0) yield this.#lines.splice(0).join('');
      else if (this.#isOver) return;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }
}

function fail(path: string, error: unknown): never {
  throw new CommandFailure(`--trace ${path}: ${error instanceof Error ? error.message : String(error)}`);
}

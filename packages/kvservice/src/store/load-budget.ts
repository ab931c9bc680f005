/**
 * Bounds how much a server may load from its disk (M4). A server with more data than it may hold refuses to start with
 * a clear error, before its memory is full.
 */
import { UnderstudyError } from '@understudy/rpc';

export class LoadBudget {
  readonly #directory: string;
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(directory: string, maxBytes: number) {
    this.#directory = directory;
    this.#maxBytes = maxBytes;
  }

  /** Returns bytes that are no longer held. */
  giveBack(bytes: number): void {
    this.#bytes -= bytes;
  }

  /** Counts bytes. Throws NO_SPACE if the total is too large. */
  take(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes <= this.#maxBytes) return;
    const remedy = 'give it more with maxMemory (--max-memory), and node more with --max-old-space-size';
    const most = `the ${this.#maxBytes} bytes that this server may load`;
    const message = `dataDir: ${this.#directory} holds more than ${most}: ${remedy}`;
    throw new UnderstudyError('NO_SPACE', message, { data: { field: 'dataDir' } });
  }
}

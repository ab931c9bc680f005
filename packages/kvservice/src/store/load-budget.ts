/** How much a server may load from its disk: with more than it may hold it does not start, and says so, before its memory is full (M4). */
import { UnderstudyError } from '@understudy/rpc';

export class LoadBudget {
  readonly #directory: string;
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(directory: string, maxBytes: number) {
    this.#directory = directory;
    this.#maxBytes = maxBytes;
  }

  /** What was taken is held no more. */
  giveBack(bytes: number): void {
    this.#bytes -= bytes;
  }

  /** Throws NO_SPACE where that is too much. */
  take(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes <= this.#maxBytes) return;
    const remedy = 'give it more with maxMemory (--max-memory), and node more with --max-old-space-size';
    const most = `the ${this.#maxBytes} bytes that this server may load`;
    const message = `dataDir: ${this.#directory} holds more than ${most}: ${remedy}`;
    throw new UnderstudyError('NO_SPACE', message, { data: { field: 'dataDir' } });
  }
}

/** The connection to the cluster and the interpreter of commands, for a person and for a script. */
import { KVClient } from '@understudy/kvservice';
import { realWorld, type World } from '@understudy/rpc';
import { ClientNarrator, type GrowingLine } from '../narrate/client.ts';
import type { CommonOptions } from '../operation.ts';
import { Interpreter, type Outcome, type TimedPrinter } from './interpreter.ts';
import { type FoundKeys, KeyFinder } from './key-finder.ts';

/** The longest time that `status` and the greeting wait, unless `--timeout` is shorter. */
const LOOK_TIMEOUT_MS = 2_000;

export interface ConnectionOptions extends Pick<CommonOptions, 'monitor' | 'timeout'> {
  readonly printer: TimedPrinter;
  /** The width of lines for people. */
  readonly columns: () => number;
  /** Where the client's retries are reported. */
  readonly line: GrowingLine;
  /** Resolves when the output has room, or when `signal` is aborted. */
  readonly outputTakesMore: (signal: AbortSignal) => Promise<void>;
}

export class Connection implements AsyncDisposable {
  readonly world: World = realWorld();
  readonly lookTimeoutMs: number;
  readonly #kv: KVClient;
  readonly #silent: KVClient;
  readonly #keys: KeyFinder;
  readonly #narrator: ClientNarrator;
  readonly #interpreter: Interpreter;

  constructor({ monitor, timeout, printer, columns, line, outputTakesMore }: ConnectionOptions) {
    const { world } = this;
    const narrator = new ClientNarrator(line);
    this.#narrator = narrator;
    this.lookTimeoutMs = Math.min(timeout, LOOK_TIMEOUT_MS);
    this.#kv = new KVClient({ monitors: monitor, timeout, world, onNotice: (notice) => narrator.tell(notice) });
    this.#silent = new KVClient({ monitors: monitor, world });
    this.#keys = new KeyFinder(this.#silent, world.clock);
    this.#interpreter = new Interpreter({
      kv: this.#kv,
      world,
      monitors: monitor,
      statusTimeoutMs: this.lookTimeoutMs,
      printer,
      columns,
      outputTakesMore,
      onAnswer: () => narrator.interrupt(),
    });
  }

  async run(line: string, signal: AbortSignal): Promise<Outcome> {
    this.#narrator.begin();
    try {
      return await this.#interpreter.run(line, signal);
    } finally {
      this.#narrator.end();
    }
  }

  findKeys(prefix: string): Promise<FoundKeys> {
    return this.#keys.find(prefix);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#kv.close(), this.#silent.close()]);
    await this.world.transport.close();
  }
}

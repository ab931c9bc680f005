/** Loads keys and values into an empty cluster, many at once. */
import type { KVClient, OperationOptions } from '@understudy/kvservice';
import { realWorld, UnderstudyError } from '@understudy/rpc';
import { CommandFailure } from '../exit.ts';
import { ProgressLine } from '../progress-line.ts';
import { count, counted } from '../words.ts';
import { copiedLine } from './copied.ts';
import type { Pair } from './format.ts';

/** The writes, and the text, under way at once: enough to keep the cluster busy without overloading it. */
const LANES = 256;
const UNITS_UNDER_WAY = 8 * 1024 * 1024;

const AGAIN =
  'begin again with an empty cluster, a new one with empty data directories or this one with its keys deleted';

export class Restore {
  readonly #kv: KVClient;
  readonly #keys: number;
  readonly #last: OperationOptions;
  readonly #underWay = new Set<Promise<void>>();
  #units = 0;
  #done = 0;
  /** Writes whose outcome is unknown. */
  #unknown = 0;
  #failure: unknown;

  constructor(kv: KVClient, keys: number, last: OperationOptions) {
    this.#kv = kv;
    this.#keys = keys;
    this.#last = last;
  }

  /** Resolves when all keys are loaded. A CommandFailure says how far it came. Overwrites nothing. */
  async load(pairs: AsyncIterable<Pair>): Promise<void> {
    using _progress = process.stderr.isTTY
      ? new ProgressLine(process.stderr, realWorld().clock, (elapsedMs) =>
          copiedLine({ done: this.#done, keys: this.#keys, elapsedMs }),
        )
      : undefined;
    try {
      for await (const pair of pairs) {
        if (this.#failure !== undefined) break;
        this.#begin(pair);
        while (this.#underWay.size >= LANES || this.#units >= UNITS_UNDER_WAY) await Promise.race(this.#underWay);
      }
    } finally {
      await Promise.all(this.#underWay);
    }
    if (this.#failure !== undefined) throw this.#inWords(this.#failure);
  }

  #begin(pair: Pair): void {
    const units = pair.key.length + pair.value.length;
    this.#units += units;
    const write = this.#write(pair)
      .catch((error: unknown) => {
        if (error instanceof UnderstudyError && !error.definite) this.#unknown += 1;
        this.#failure ??= error;
      })
      .finally(() => {
        this.#units -= units;
        this.#underWay.delete(write);
      });
    this.#underWay.add(write);
  }

  async #write({ key, value }: Pair): Promise<void> {
    const isNew = await this.#kv.cas(key, null, value, this.#last);
    if (!isNew) throw new CommandFailure(`somebody else wrote ${JSON.stringify(key)} meanwhile`);
    this.#done += 1;
  }

  #inWords(error: unknown): unknown {
    if (!(error instanceof CommandFailure) && !(error instanceof UnderstudyError)) return error;
    const reached = `${this.#unknown > 0 ? 'at least ' : ''}${count(this.#done)} of ${counted(this.#keys, 'key')} are loaded`;
    const isInterrupted = error instanceof UnderstudyError && error.name === 'ABORTED';
    return new CommandFailure(`${isInterrupted ? 'interrupted' : error.message}; ${reached}: ${AGAIN}`, {
      definite: this.#done + this.#unknown === 0,
      cause: error,
    });
  }
}

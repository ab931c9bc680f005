/** Looks up keys for completion: a few keys in a short time, or none. */
import { type KVClient, type OperationOptions, type ScanOptions } from '@understudy/kvservice';
import { type Clock, UnderstudyError } from '@understudy/rpc';

/** The most keys to look at. */
const MOST = 60;
/** Long for a running cluster. A user who only waits for a Tab would notice more. */
const PATIENCE_MS = 400;

export interface FoundKeys {
  /** In key order. */
  readonly keys: readonly string[];
  /** The last key that exists, if there are more than those. */
  readonly last?: string;
}

export class KeyFinder {
  readonly #kv: KVClient;
  readonly #clock: Clock;

  /** @param kv A client of its own, so that its problems are not reported. */
  constructor(kv: KVClient, clock: Clock) {
    this.#kv = kv;
    this.#clock = clock;
  }

  /** Keys with this prefix; none if they cannot be found in time. */
  async find(prefix: string): Promise<FoundKeys> {
    const end = new AbortController();
    const timer = this.#clock.after(PATIENCE_MS, () => end.abort());
    try {
      const last: OperationOptions = { signal: end.signal, timeout: PATIENCE_MS };
      const keys = await this.#scan({ ...last, prefix, limit: MOST + 1 });
      if (keys.length <= MOST) return { keys };
      const [lastKey] = await this.#scan({ ...last, prefix, limit: 1, reverse: true });
      return { keys: keys.slice(0, MOST), ...(lastKey !== undefined && { last: lastKey }) };
    } catch (error) {
      if (!(error instanceof UnderstudyError)) throw error;
      return { keys: [] };
    } finally {
      timer.cancel();
    }
  }

  async #scan(options: ScanOptions): Promise<readonly string[]> {
    const keys: string[] = [];
    for await (const { key } of this.#kv.scan(options)) keys.push(key);
    return keys;
  }
}

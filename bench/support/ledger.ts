/** A writer that remembers what was acknowledged to it, and can tell whether the service still has exactly that. */
import type { KVClient } from '@understudy/kvservice';

const PUT_KEYS = 50;
const APPENDS_PER_KEY = 2_000;

/**
 * Puts and appends in turn, one operation at a time. Nobody else writes its keys, so each must hold the last value that was
 * acknowledged, and each append must be there once, in its place.
 */
export class Ledger {
  readonly acknowledgedAtMs: number[] = [];
  readonly #kv: KVClient;
  readonly #name: string;
  readonly #expected = new Map<string, string>();
  #count = 0;
  #isOver = false;

  constructor(kv: KVClient, name: string) {
    this.#kv = kv;
    this.#name = name;
  }

  /** Acknowledged operations. */
  get count(): number {
    return this.#count;
  }

  /** Writes until `stop`; fails where an operation does, for the client is to try until there is an answer. */
  async run(): Promise<void> {
    while (!this.#isOver) {
      await this.#put();
      await this.#append();
    }
  }

  stop(): void {
    this.#isOver = true;
  }

  /** What the service holds otherwise than it should; nothing, when all is well. */
  async differences(): Promise<readonly string[]> {
    const found: string[] = [];
    for (const [key, expected] of this.#expected) {
      const value = await this.#kv.get(key);
      if (value !== expected) found.push(`${key}: ${shorten(value)} instead of ${shorten(expected)}`);
    }
    return found;
  }

  async #put(): Promise<void> {
    const key = `${this.#name}/put/${this.#count % PUT_KEYS}`;
    const value = `${this.#name}-${this.#count}`;
    await this.#kv.put(key, value);
    this.#acknowledge(key, value);
  }

  async #append(): Promise<void> {
    const key = `${this.#name}/append/${Math.floor(this.#count / APPENDS_PER_KEY)}`;
    const piece = `${this.#count};`;
    await this.#kv.append(key, piece);
    this.#acknowledge(key, (this.#expected.get(key) ?? '') + piece);
  }

  #acknowledge(key: string, value: string): void {
    this.#expected.set(key, value);
    this.#count += 1;
    this.acknowledgedAtMs.push(performance.now());
  }
}

function shorten(value: string | undefined): string {
  if (value === undefined) return 'nothing';
  return value.length < 60 ? `"${value}"` : `"...${value.slice(-50)}" (${value.length} characters)`;
}

/**
 * The keys that a workload uses. Only a few at a time, so that operations conflict; each only for a while, so that its
 * history stays short.
 */
import type { SeededRandom } from '../world/seeded-random.ts';

export class Keys {
  /** The prefix of every key. */
  readonly prefix: string;
  readonly #random: SeededRandom;
  readonly #operationsPerKey: number;
  readonly #current: { name: string; left: number }[];
  #made = 0;

  constructor(random: SeededRandom, count: number, operationsPerKey: number, prefix = 'k') {
    this.prefix = prefix;
    this.#random = random;
    this.#operationsPerKey = operationsPerKey;
    this.#current = Array.from({ length: count }, () => this.#make());
  }

  get current(): readonly string[] {
    return this.#current.map(({ name }) => name);
  }

  /** Any key that was ever in use, so that its value can be deleted. */
  any(random: SeededRandom): string {
    return `${this.prefix}${random.integer(1, this.#made)}`;
  }

  next(): string {
    const place = this.#random.integer(0, this.#current.length - 1);
    const key = this.#current[place] as { name: string; left: number };
    key.left -= 1;
    if (key.left <= 0) this.#current[place] = this.#make();
    return key.name;
  }

  #make(): { name: string; left: number } {
    this.#made += 1;
    // Keys change at different times, so that there is always one with a history.
    const left = Math.ceil(this.#operationsPerKey * (0.5 + this.#random.number()));
    return { name: `${this.prefix}${this.#made}`, left };
  }
}

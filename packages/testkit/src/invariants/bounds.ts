/** What a server keeps of its log stays within its bounds. */
import type { Invariant, ObservedStep } from './invariant.ts';

export class Bounds implements Invariant {
  readonly property = 'the log stays within its bounds';
  readonly rules = 'R12';
  readonly #logWeight: number;

  /** @param logWeight About how many bytes a log may take, with what waits for its commit. */
  constructor(logWeight: number) {
    this.#logWeight = logWeight;
  }

  onReplica({ change, replica }: ObservedStep): string | undefined {
    if (change === undefined || replica.logWeight <= this.#logWeight) return undefined;
    const { server, logWeight, base, lastIndex } = replica;
    return `the log of ${server} takes ${logWeight} bytes with ${lastIndex - base.index} entries, and may take ${this.#logWeight}`;
  }
}

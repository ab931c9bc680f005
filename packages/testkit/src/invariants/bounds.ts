/** A server's log, and the values in the results that it remembers, stay within their bounds. */
import type { Invariant, ObservedStep } from './invariant.ts';

export interface BoundsParts {
  /** Roughly the most bytes that a log may take, including entries that wait for their commit. */
  readonly logWeight: number;
  /**
   * UTF-16 units of values in the remembered results of all sessions, including one result of the greatest length (S9).
   */
  readonly rememberedText: number;
}

export class Bounds implements Invariant {
  readonly property = 'the log and the remembered results stay within their bounds';
  readonly rules = 'R12, S9';
  readonly looksAt = 'log';
  readonly #bounds: BoundsParts;

  constructor(bounds: BoundsParts) {
    this.#bounds = bounds;
  }

  onReplica({ change, replica }: ObservedStep): string | undefined {
    if (change === undefined) return undefined;
    const { server, logWeight, rememberedText, overfullSession } = replica;
    if (overfullSession !== undefined) {
      return `session ${overfullSession} holds more text in its results at ${server} than one session may`;
    }
    if (rememberedText > this.#bounds.rememberedText) {
      return `remembered results at ${server} hold ${rememberedText} units, and may hold ${this.#bounds.rememberedText}`;
    }
    if (logWeight <= this.#bounds.logWeight) return undefined;
    const entries = replica.lastIndex - replica.base.index;
    return `the log of ${server} takes ${logWeight} bytes with ${entries} entries, and may take ${this.#bounds.logWeight}`;
  }
}

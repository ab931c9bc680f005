/** A (viewnum, index) pair names one entry, the same on every server. */
import type { ClusterFacts, Invariant, ObservedStep } from './invariant.ts';
import { KeptJson } from './kept-json.ts';

interface Known {
  readonly viewnum: number;
  readonly operation: KeptJson;
  readonly origin: KeptJson;
}

/** Equal to no real origin. */
const NO_ORIGIN: object = [];

export class OneEntry implements Invariant {
  readonly property = 'a position names one entry';
  readonly rules = 'R1, V11';
  readonly looksAt = 'log';
  /** Known entries by index. */
  readonly #known: Known[][] = [];

  onReplica({ change, replica }: ObservedStep, _cluster: ClusterFacts): string | undefined {
    if (change === undefined) return undefined;
    for (let index = change.appended.from; index <= change.appended.to; index++) {
      const entry = replica.entryAt(index);
      if (entry === undefined) continue;
      const { viewnum, operation, origin = NO_ORIGIN } = entry;
      this.#known[index] ??= [];
      const known = this.#known[index]?.find((candidate) => candidate.viewnum === viewnum);
      if (known === undefined) {
        this.#known[index]?.push({ viewnum, operation: new KeptJson(operation), origin: new KeptJson(origin) });
      } else if (!known.operation.isLike(operation) || !known.origin.isLike(origin)) {
        const text = JSON.stringify([operation, origin]);
        const kept = `[${known.operation.text},${known.origin.text}]`;
        return `(${viewnum}, ${index}) is ${kept}, but ${text} at ${replica.server}`;
      }
    }
    return undefined;
  }
}

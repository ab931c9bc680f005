/** An index and a viewnum together name one entry, the same on every server. */
import type { ClusterFacts, Invariant, ObservedStep } from './invariant.ts';

interface Known {
  readonly viewnum: number;
  readonly text: string;
}

export class OneEntry implements Invariant {
  readonly property = 'a position names one entry';
  readonly rules = 'R1, V11';
  /** By index. */
  readonly #known: Known[][] = [];

  onReplica({ change, replica }: ObservedStep, _cluster: ClusterFacts): string | undefined {
    if (change === undefined) return undefined;
    for (let index = change.appended.from; index <= change.appended.to; index++) {
      const entry = replica.entryAt(index);
      if (entry === undefined) continue;
      const { viewnum } = entry;
      const text = JSON.stringify([entry.operation, entry.origin]);
      this.#known[index] ??= [];
      const known = this.#known[index]?.find((candidate) => candidate.viewnum === viewnum);
      if (known === undefined) this.#known[index]?.push({ viewnum, text });
      else if (known.text !== text) {
        return `(${viewnum}, ${index}) is ${known.text}, but ${text} at ${replica.server}`;
      }
    }
    return undefined;
  }
}

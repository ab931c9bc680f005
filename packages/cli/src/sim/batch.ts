/** Many seeds, simulated by several workers at once, and told in their order. */
import type { Outcome, Seed } from './task.ts';

/** Simulates one seed at a time. */
export type Simulate = (seed: Seed) => Promise<Outcome>;

export interface BatchListener {
  /** Some seed is through, out of order. */
  readonly onDone: (outcome: Outcome) => void;
  /** The next seed in order. */
  readonly onNext: (outcome: Outcome) => void;
}

export class Batch {
  readonly #seeds: readonly Seed[];
  readonly #listener: BatchListener;
  /** By position: done, but not yet told. */
  readonly #early = new Map<number, Outcome>();
  readonly #underWay = new Set<Seed>();
  #told = 0;

  constructor(seeds: readonly Seed[], listener: BatchListener) {
    this.#seeds = seeds;
    this.#listener = listener;
  }

  /** Seeds whose simulation goes on. */
  get underWay(): readonly Seed[] {
    return [...this.#underWay];
  }

  /** Resolves when all are through; fails as the first worker that does. */
  async run(workers: readonly Simulate[]): Promise<void> {
    // One iterator for all: each worker takes the next seed that nobody has.
    const positions = this.#seeds.entries();
    await Promise.all(workers.map((simulate) => this.#work(simulate, positions)));
  }

  /** What is done though a seed before it is not: so that nothing is untold of a batch that ends early. */
  tellEarly(): void {
    for (const [, outcome] of [...this.#early].sort(([a], [b]) => a - b)) this.#listener.onNext(outcome);
    this.#early.clear();
  }

  async #work(simulate: Simulate, positions: Iterable<[number, Seed]>): Promise<void> {
    for (const [position, seed] of positions) {
      this.#underWay.add(seed);
      const outcome = await simulate(seed);
      this.#underWay.delete(seed);
      this.#early.set(position, outcome);
      this.#listener.onDone(outcome);
      this.#tellInOrder();
    }
  }

  #tellInOrder(): void {
    for (;;) {
      const outcome = this.#early.get(this.#told);
      if (outcome === undefined) return;
      this.#early.delete(this.#told);
      this.#told += 1;
      this.#listener.onNext(outcome);
    }
  }
}

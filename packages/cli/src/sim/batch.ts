/** Simulates many seeds with several workers at once, and reports them in order. */
import type { Outcome, Seed } from './task.ts';

/** Simulates one seed at a time. */
export type Simulate = (seed: Seed) => Promise<Outcome>;

export interface BatchListener {
  /** A seed has finished; called out of order. */
  readonly onDone: (outcome: Outcome) => void;
  /** The next seed in order. */
  readonly onNext: (outcome: Outcome) => void;
}

export class Batch {
  readonly #seeds: readonly Seed[];
  readonly #listener: BatchListener;
  /** By position: finished, but not reported yet. */
  readonly #early = new Map<number, Outcome>();
  readonly #underWay = new Set<Seed>();
  #told = 0;

  constructor(seeds: readonly Seed[], listener: BatchListener) {
    this.#seeds = seeds;
    this.#listener = listener;
  }

  /** Seeds whose simulation is running. */
  get underWay(): readonly Seed[] {
    return [...this.#underWay];
  }

  /** Resolves when all seeds have finished. Fails with the first worker that fails. */
  async run(workers: readonly Simulate[]): Promise<void> {
    // All workers share one iterator, so each takes the next free seed.
    const positions = this.#seeds.entries();
    await Promise.all(workers.map((simulate) => this.#work(simulate, positions)));
  }

  /**
   * Reports finished seeds although an earlier seed has not finished, so that a batch that ends early leaves nothing
   * out.
   */
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

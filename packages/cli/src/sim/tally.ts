/** The combined results of all seeds. */
import { SITUATIONS, type SimulationResult } from '@understudy/testkit';
import type { Outcome, Seed } from './task.ts';

export interface Totals {
  readonly seeds: number;
  /** Seeds that broke a property. */
  readonly violated: number;
  readonly operations: number;
  readonly events: number;
  readonly virtualMs: number;
  readonly undecidedKeys: number;
}

export class Tally {
  /** How often each class struck. */
  readonly faults = new Map<string, number>();
  /** How often each situation arose, in the order of the list. */
  readonly coverage = new Map<string, number>(SITUATIONS.map((situation) => [situation, 0]));
  /** By reason: the seeds that could not continue. */
  readonly halted = new Map<string, Seed[]>();
  #totals: Totals = { seeds: 0, violated: 0, operations: 0, events: 0, virtualMs: 0, undecidedKeys: 0 };

  get totals(): Totals {
    return this.#totals;
  }

  get haltedSeeds(): number {
    return [...this.halted.values()].reduce((sum, seeds) => sum + seeds.length, 0);
  }

  /** Situations that no seed has seen. */
  get unseen(): readonly string[] {
    return [...this.coverage].filter(([, times]) => times === 0).map(([situation]) => situation);
  }

  add({ result }: Outcome): void {
    const { seeds, violated, operations, events, virtualMs, undecidedKeys } = this.#totals;
    this.#totals = {
      seeds: seeds + 1,
      violated: violated + (result.violations.length > 0 ? 1 : 0),
      operations: operations + result.operations,
      events: events + result.events,
      virtualMs: virtualMs + virtualMsOf(result),
      undecidedKeys: undecidedKeys + result.undecidedKeys,
    };
    addAll(this.faults, result.faults);
    addAll(this.coverage, result.coverage);
    if (result.halted === '') return;
    const alike = this.halted.get(result.halted) ?? [];
    this.halted.set(result.halted, [...alike, result.seed]);
  }
}

/** A run ends with its first violation. */
export function virtualMsOf({ seconds, violations }: SimulationResult): number {
  return violations[0]?.atMs ?? seconds * 1_000;
}

function addAll(sums: Map<string, number>, counts: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(counts)) sums.set(name, (sums.get(name) ?? 0) + count);
}

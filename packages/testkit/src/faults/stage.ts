/**
 * What a fault works with: the world, the cluster, its own randomness, and the time until everything is healed. Actions
 * that a fault has planned do not run after that time.
 */
import type { Cluster } from '../simulation/cluster.ts';
import type { Impatience } from '../workload/client-process.ts';
import type { Workload } from '../workload/workload.ts';
import type { SeededRandom } from '../world/seeded-random.ts';
import type { SimulatedNetwork } from '../world/simulated-network.ts';
import type { SimulatedProcess } from '../world/simulated-process.ts';
import type { SimulatedWorld } from '../world/simulated-world.ts';
import type { FaultClass } from './classes.ts';

export interface FaultStageParts {
  readonly fault: FaultClass;
  /** Above 0 (hardly noticeable) and at most 1 (as bad as possible). */
  readonly strength: number;
  readonly world: SimulatedWorld;
  readonly cluster: Cluster;
  /** Undefined if the user's own code runs. */
  readonly workload: Workload | undefined;
  readonly clients: readonly string[];
  readonly impatience: Impatience;
  readonly sessionTtlMs: number;
  /** The rate of the slowest link. The clients' writes must get through it within seconds. */
  readonly leastBytesPerSecond: number;
  readonly random: SeededRandom;
  readonly isHealed: () => boolean;
  /** Returns the number of the strike. */
  readonly strike: (fault: FaultClass, what: string, who: readonly string[]) => number;
  /** The effect of that strike was undone. */
  readonly over: (strike: number) => void;
}

export class FaultStage {
  readonly parts: FaultStageParts;
  #lastStrike = 0;

  constructor(parts: FaultStageParts) {
    this.parts = parts;
  }

  get strength(): number {
    return this.parts.strength;
  }

  get random(): SeededRandom {
    return this.parts.random;
  }

  get cluster(): Cluster {
    return this.parts.cluster;
  }

  get network(): SimulatedNetwork {
    return this.parts.world.network;
  }

  process(name: string): SimulatedProcess {
    return this.parts.world.process(name);
  }

  /** The names of servers, monitor and clients. */
  get everybody(): readonly string[] {
    return [...this.cluster.names, 'm', ...this.parts.clients];
  }

  /** The names of servers and monitor. */
  get nodes(): readonly string[] {
    return [...this.cluster.names, 'm'];
  }

  /** Counts the fault and reports what happened and which processes it strikes. Name none if it strikes all alike. */
  strike(what: string, ...who: readonly string[]): void {
    this.#lastStrike = this.parts.strike(this.parts.fault, what, who);
  }

  /** Calls `action` at random times, on average every `meanMs`, until everything is healed. */
  repeatedly(meanMs: number, action: () => void): void {
    this.later(this.random.exponential(meanMs), () => {
      action();
      this.repeatedly(meanMs, action);
    });
  }

  /**
   * Begins a spell on average every `meanMs`, of about `lengthMs`. If everything is healed during a spell, `end` is not
   * called, because healing undoes the spell itself.
   */
  spells(meanMs: number, lengthMs: number, begin: () => (() => void) | undefined): void {
    this.later(this.random.exponential(meanMs), () => {
      const end = begin();
      const strike = this.#lastStrike;
      this.later(this.random.exponential(lengthMs), () => {
        end?.();
        if (end !== undefined) this.parts.over(strike);
        this.spells(meanMs, lengthMs, begin);
      });
    });
  }

  /** Calls `action` once after `delayMs`, unless everything is healed by then. */
  later(delayMs: number, action: () => void): void {
    this.parts.world.at(delayMs, () => {
      if (!this.parts.isHealed()) action();
    });
  }

  /** A number from `low` to `high`, in proportion to the strength. */
  scaled(low: number, high: number): number {
    return low + (high - low) * this.strength;
  }
}

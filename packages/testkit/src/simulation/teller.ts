/** Tells whoever wants to hear it everything that happens in a run, and counts the faults. */
import type { ReplicaInspection } from '@understudy/kvservice';
import type { FaultClass } from '../faults/classes.ts';
import type { SimulatedWorld } from '../world/simulated-world.ts';
import { nameOf } from './cluster.ts';
import type { LogChange } from './log-watch.ts';
import { type Happening, happeningOf, type TraceEvent } from './trace.ts';

export class Teller {
  readonly #world: SimulatedWorld;
  readonly #onEvent: ((event: TraceEvent) => void) | undefined;
  readonly #struck = new Map<FaultClass, number>();
  /** Those that were told of. */
  #strikes = 0;

  /** @param onEvent Undefined: nobody listens, and nothing is made up for him. */
  constructor(world: SimulatedWorld, onEvent: ((event: TraceEvent) => void) | undefined) {
    this.#world = world;
    this.#onEvent = onEvent;
    if (onEvent === undefined) return;
    world.network.trace.onEntry = (entry) => this.tell(happeningOf(entry));
    world.network.trace.onDisturbance = (disturbance) => this.tell(disturbance);
  }

  /** Somebody listens: only then is it worth putting anything into words. */
  get isHeard(): boolean {
    return this.#onEvent !== undefined;
  }

  /** How often each class of faults struck. */
  get struck(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#struck);
  }

  tell(happening: Happening): void {
    this.#onEvent?.({ at: this.#world.now, ...happening });
  }

  /** @param what "" where it is only counted. Gives the number of the strike. */
  strike(fault: FaultClass, what: string, who: readonly string[]): number {
    this.#struck.set(fault, (this.#struck.get(fault) ?? 0) + 1);
    if (what === '') return 0;
    this.#strikes += 1;
    this.tell({ kind: 'fault', strike: this.#strikes, fault, what, who });
    return this.#strikes;
  }

  /** What a step did to the log of a server, where that is more than an entry at its end. */
  log({ server: address, commitIndex, lastIndex }: ReplicaInspection, change: LogChange): void {
    if (this.#onEvent === undefined) return;
    const server = nameOf(address);
    const { cut, committed, installed } = change;
    if (cut.to >= cut.from) this.tell({ kind: 'log', server, what: 'cut', ...cut });
    if (installed > 0) this.tell({ kind: 'log', server, what: 'installed', from: 1, to: installed });
    if (committed.to >= committed.from || installed > 0) {
      this.tell({ kind: 'commit', server, index: commitIndex, last: lastIndex });
    }
  }
}

/** Reports the events of a run to a listener, and counts the faults. */
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
  /** The number of strikes reported so far. */
  #strikes = 0;

  /** @param onEvent Undefined if there is no listener; then no event is built. */
  constructor(world: SimulatedWorld, onEvent: ((event: TraceEvent) => void) | undefined) {
    this.#world = world;
    this.#onEvent = onEvent;
    if (onEvent === undefined) return;
    world.network.trace.onEntry = (entry) => this.tell(happeningOf(entry));
    world.network.trace.onDisturbance = (disturbance) => this.tell(disturbance);
  }

  /** True if there is a listener. Only then is it worth building texts. */
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

  /** @param what "" if the strike is only counted. Returns the number of the strike. */
  strike(fault: FaultClass, what: string, who: readonly string[]): number {
    this.#struck.set(fault, (this.#struck.get(fault) ?? 0) + 1);
    if (what === '') return 0;
    this.#strikes += 1;
    this.tell({ kind: 'fault', strike: this.#strikes, fault, what, who });
    return this.#strikes;
  }

  /** Reports what a step did to a server's log, unless it only appended entries. */
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

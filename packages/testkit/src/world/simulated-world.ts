/**
 * A simulated world: everything that the processes of a distributed system use from outside, in virtual time, in one
 * process, from one seed.
 */
import { Trace } from './message.ts';
import { Router } from './router.ts';
import { SeededRandom } from './seeded-random.ts';
import { SimulatedNetwork } from './simulated-network.ts';
import { SimulatedProcess } from './simulated-process.ts';
import { type RunLimits, VirtualClock } from './virtual-clock.ts';

export interface SimulatedWorldOptions {
  /** The same seed and the same test give the same run. */
  readonly seed: number | string;
  /** The number of entries that the trace of the network keeps. Default 5,000. */
  readonly traceEntries?: number;
}

export class SimulatedWorld {
  /** For the test's own choices. */
  readonly random: SeededRandom;
  readonly network: SimulatedNetwork;
  readonly #seeds: SeededRandom;
  readonly #virtual: VirtualClock;
  readonly #router: Router;
  readonly #processes = new Map<string, SimulatedProcess>();

  constructor({ seed, traceEntries }: SimulatedWorldOptions) {
    this.#seeds = new SeededRandom(seed);
    this.random = this.#seeds.stream('test');
    this.#virtual = new VirtualClock(() => this.#describe());
    this.#router = new Router(
      this.#virtual,
      this.#seeds.stream('network'),
      new Trace(traceEntries === undefined ? {} : { entries: traceEntries }),
    );
    this.network = new SimulatedNetwork(this.#router);
  }

  /** Virtual milliseconds since the start. */
  get now(): number {
    return this.#virtual.now;
  }

  /** The number of events so far. */
  get events(): number {
    return this.#virtual.events;
  }

  /** See `VirtualClock.turnSpanMs`. */
  set turnSpanMs(ms: number) {
    this.#virtual.turnSpanMs = ms;
  }

  /** The number of events still to happen. */
  get pending(): number {
    return this.#virtual.pending;
  }

  /** Equal for every run of a seed. */
  get digest(): string {
    return `${this.#router.trace.digest}-${this.events}`;
  }

  get processes(): readonly SimulatedProcess[] {
    return [...this.#processes.values()];
  }

  /** The process of this name, created if there is none yet. */
  process(name: string): SimulatedProcess {
    let found = this.#processes.get(name);
    if (found === undefined) {
      found = new SimulatedProcess(name, this.#virtual, this.#seeds.stream(`process ${name}`), this.#router);
      this.#processes.set(name, found);
    }
    return found;
  }

  /** Runs `body`, and the world with it, until `body` settles. Within it, a test simply awaits what it starts. */
  run<T>(body: () => Promise<T>, limits: RunLimits = {}): Promise<T> {
    return this.#virtual.runUntilSettled(body(), { what: 'the test to get through', ...limits });
  }

  /** Lets `ms` milliseconds pass. */
  runFor(ms: number): Promise<void> {
    return this.#virtual.runFor(ms);
  }

  /**
   * Lets time pass until `predicate`, which is called after every event, returns true. Fails if the limit passes or no
   * event is left.
   */
  runUntil(predicate: () => boolean, limits: RunLimits = {}): Promise<void> {
    return this.#virtual.runUntil(predicate, limits);
  }

  /** Lets time pass until the promise settles, and settles in the same way. Fails like `runUntil`. */
  runUntilSettled<T>(promise: PromiseLike<T>, limits: RunLimits = {}): Promise<T> {
    return this.#virtual.runUntilSettled(promise, limits);
  }

  /** Runs `action` once, `delayMs` milliseconds from now, whatever the test does then. */
  at(delayMs: number, action: () => void): void {
    this.#virtual.at(this.now + delayMs, action);
  }

  #describe(): string {
    const processes = this.processes.map(({ name, alive, paused, leftovers }) => {
      const state = alive ? (paused ? 'paused' : 'running') : 'dead';
      return `  ${name}: ${state}, ${leftovers.timers} timers, ${leftovers.calls} calls under way`;
    });
    const defects = this.network.defects.map(
      ({ process: name, method, error }) => `  defect in ${name} ${method}: ${error}`,
    );
    const trace = this.network.trace.lines(20).map((line) => `  ${line}`);
    return [`; seed ${this.#seeds.seed}`, ...processes, ...defects, 'last messages:', ...trace].join('\n');
  }
}

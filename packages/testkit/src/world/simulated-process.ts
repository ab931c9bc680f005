/** A process of a simulated world: it runs, and may be stopped, slowed down, killed and started again. */
import type { Address, World } from '@understudy/rpc';
import { MachineClock } from './machine-clock.ts';
import { ProcessClock } from './process-clock.ts';
import { ProcessRun } from './process-run.ts';
import type { Router } from './router.ts';
import type { SeededRandom } from './seeded-random.ts';
import { SimulatedTransport } from './simulated-transport.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** What a process has not put away. */
export interface Leftovers {
  readonly timers: number;
  readonly calls: number;
  readonly listeners: readonly Address[];
}

interface Run {
  readonly run: ProcessRun;
  readonly world: World;
  readonly clock: ProcessClock;
  readonly transport: SimulatedTransport;
}

/** The monotonic clock of a run starts anywhere below this. */
const GREATEST_ZERO_MS = 1_000_000;

export class SimulatedProcess {
  readonly name: string;
  readonly #virtual: VirtualClock;
  readonly #random: SeededRandom;
  readonly #router: Router;
  readonly #machine: MachineClock;
  #runs = 0;
  #current: Run;

  constructor(name: string, virtual: VirtualClock, random: SeededRandom, router: Router) {
    this.name = name;
    this.#virtual = virtual;
    this.#random = random;
    this.#router = router;
    this.#machine = new MachineClock(virtual);
    this.#current = this.#start();
  }

  /** What this run of the process has from outside. */
  get world(): World {
    return this.#current.world;
  }

  get alive(): boolean {
    return this.#current.run.alive;
  }

  get paused(): boolean {
    return this.#current.run.held;
  }

  /** For checks at the end: a closed process has none of these. */
  get leftovers(): Leftovers {
    const { clock, transport } = this.#current;
    const listeners = this.#router.addresses.of(this.name).map(({ address }) => address);
    return { timers: clock.timers, calls: transport.calls, listeners };
  }

  /**
   * As by `kill -9`: its timers never fire, its promises never settle, its listeners are gone, and those who called it learn
   * that the connection is lost. What it had sent before is still on its way.
   */
  crash(): void {
    const { run, clock } = this.#current;
    run.die();
    clock.stop();
    for (const listening of this.#router.addresses.of(this.name)) this.#router.unlisten(listening);
  }

  /** Starts the process anew, on the same machine, with nothing of the former run; kills that first. */
  restart(): World {
    this.crash();
    this.#current = this.#start();
    return this.world;
  }

  /** As by SIGSTOP: nothing happens in it; its clock runs on, its timers will be late, its messages gather. */
  pause(): void {
    this.#current.run.hold(this);
  }

  /** As by SIGCONT: everything that gathered happens, a turn each. */
  resume(): void {
    this.#current.run.release(this);
  }

  /** Its event loop is busy for so long, with something that no event shows. */
  stall(ms: number): void {
    const { run } = this.#current;
    const stall = {};
    run.hold(stall);
    this.#virtual.at(this.#virtual.now + ms, () => run.release(stall));
  }

  /** From now on each of its turns takes so long; 0 is the default. */
  slowDown(turnCostMs: number): void {
    this.#current.run.setTurnCost(turnCostMs);
  }

  /** Its clocks gain (above 1) or lose (below 1) from now on. */
  setClockRate(rate: number): void {
    this.#machine.setRate(rate);
  }

  /** Somebody sets the wall clock; the monotonic one goes on. */
  jumpWallClock(byMs: number): void {
    this.#machine.jumpWall(byMs);
  }

  #start(): Run {
    const random = this.#random.stream(`run ${++this.#runs}`);
    const run = new ProcessRun(this.name, this.#virtual, random.stream('scheduling'));
    const clock = new ProcessClock(run, this.#machine, random.stream('zero').integer(0, GREATEST_ZERO_MS));
    const transport = new SimulatedTransport(run, clock, this.#router);
    return { run, clock, transport, world: { clock, transport, random: random.stream('own') } };
  }
}

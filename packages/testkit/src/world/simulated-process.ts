/**
 * A process of a simulated world. It can be stopped, slowed down, killed and started again. Each start is a new run
 * with a clock, a transport and randomness of its own; only the machine's clock and its disk survive.
 */
import type { Address, World } from '@understudy/rpc';
import { MachineClock } from './machine-clock.ts';
import { ProcessClock } from './process-clock.ts';
import { ProcessDisk } from './process-disk.ts';
import { ProcessRun } from './process-run.ts';
import type { Router } from './router.ts';
import type { SeededRandom } from './seeded-random.ts';
import { SimulatedDisk } from './simulated-disk.ts';
import { DiskState } from './simulated-disk-state.ts';
import { SimulatedTransport } from './simulated-transport.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** What a process has not cleaned up. */
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
  readonly disk: ProcessDisk;
}

/** The monotonic clock of a run starts at any value below this. */
const GREATEST_ZERO_MS = 1_000_000;

export class SimulatedProcess {
  readonly name: string;
  /** The machine's disk. It outlives the process. */
  readonly disk: SimulatedDisk;
  readonly #diskState: DiskState;
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
    this.#diskState = new DiskState(random.stream('disk'), (what) =>
      router.trace.mark(virtual.now, `${name} disk: ${what}`),
    );
    this.disk = new SimulatedDisk(this.#diskState);
    this.#current = this.#start();
  }

  /** What this run of the process uses from outside. */
  get world(): World {
    return this.#current.world;
  }

  get alive(): boolean {
    return this.#current.run.alive;
  }

  get paused(): boolean {
    return this.#current.run.held;
  }

  /** For checks at the end: a properly closed process has none of these. */
  get leftovers(): Leftovers {
    const { clock, transport } = this.#current;
    const listeners = this.#router.addresses.of(this.name).map(({ address }) => address);
    return { timers: clock.timers, calls: transport.calls, listeners };
  }

  /**
   * As by `kill -9`. Its timers never fire, its promises never settle, its listeners are gone, and its callers learn
   * that the connection is lost. What it sent before is still under way. Of disk writes that had not resolved, any part
   * is kept, as after a power loss.
   */
  crash(): void {
    const { run, clock, disk } = this.#current;
    run.die();
    clock.stop();
    disk.crash();
    for (const listening of this.#router.addresses.of(this.name)) this.#router.unlisten(listening);
  }

  /** Kills the process, and starts it again on the same machine. Only the disk survives. */
  restart(): World {
    this.crash();
    this.#machine.wake();
    this.#current = this.#start();
    return this.world;
  }

  /** As by SIGSTOP. Nothing happens in the process; its clock runs on, its timers will be late, its messages queue. */
  pause(): void {
    this.#disturb(this.#current.run, (run) => run.hold(this));
  }

  /** As by SIGCONT. Everything queued happens, one turn each. */
  resume(): void {
    this.#disturb(this.#current.run, (run) => run.release(this));
  }

  /** Its event loop is busy for this long, with work that no event shows. */
  stall(ms: number): void {
    const { run } = this.#current;
    const stall = {};
    this.#disturb(run, () => run.hold(stall));
    this.#virtual.at(this.#virtual.now + ms, () => this.#disturb(run, () => run.release(stall)));
  }

  /** Its machine sleeps. Nothing happens in the process, and only its wall clock shows that time has passed. */
  suspend(ms: number): void {
    this.#machine.sleep(ms);
    this.stall(ms);
  }

  /** From now on, each of its turns takes this long. The default is 0. */
  slowDown(turnCostMs: number): void {
    this.#current.run.setTurnCost(turnCostMs);
  }

  /** From now on, its clocks gain (above 1) or lose (below 1). */
  setClockRate(rate: number): void {
    this.#machine.setRate(rate);
  }

  /** The wall clock is set; the monotonic clock continues. */
  jumpWallClock(byMs: number): void {
    this.#machine.jumpWall(byMs);
  }

  /** Holds or releases a run, and reports it if that changed its state. */
  #disturb(run: ProcessRun, change: (run: ProcessRun) => void): void {
    const wasHeld = run.held;
    change(run);
    if (run.held === wasHeld || !run.alive) return;
    this.#router.trace.onDisturbance?.({
      kind: 'process',
      name: this.name,
      state: run.held ? 'paused' : 'resumed',
    });
  }

  #start(): Run {
    const random = this.#random.stream(`run ${++this.#runs}`);
    const run = new ProcessRun(this.name, this.#virtual, random.stream('scheduling'));
    const clock = new ProcessClock(run, this.#machine, random.stream('zero').integer(0, GREATEST_ZERO_MS));
    const transport = new SimulatedTransport(run, clock, this.#router);
    const disk = new ProcessDisk(run, this.#diskState);
    return { run, clock, transport, disk, world: { clock, transport, disk, random: random.stream('own') } };
  }
}

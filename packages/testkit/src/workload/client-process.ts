/**
 * A process with a client. Each of its lanes does one operation after another, or a burst of operations and then the
 * next burst.
 */
import { KVClient, type OperationOptions } from '@understudy/kvservice';
import type { Clock } from '@understudy/rpc';
import type { SimulatedWorld } from '../world/simulated-world.ts';
import { operate } from './operations.ts';
import type { Operator } from './operator.ts';

export interface ClientProcessParts {
  readonly world: SimulatedWorld;
  readonly operator: Omit<Operator, 'kv' | 'seen' | 'revisions' | 'ahead'>;
  readonly kv: KVClient;
  readonly lanes: number;
  /** The most operations that a lane begins at once. The next burst begins when all of them have ended. */
  readonly burst: number;
  readonly thinkMs: number;
  readonly impatience: Impatience;
  /** Called if a client gets a failure that no client may get. */
  readonly onDefect: (client: string, error: unknown) => void;
}

/** How clients give up. Faults change these values. */
export interface Impatience {
  /** The probability that an operation gets a timeout short enough to strike. */
  timeout: number;
  /** The probability that an operation is aborted at some point. */
  abort: number;
  /** Called when one of the two is about to be tried. */
  readonly strike: (fault: 'timeout' | 'abort') => void;
}

/** Mean milliseconds after which an impatient client gives up. */
const PATIENCE_MS = 300;

/** The longest pause. A longer pause could not be told from waiting for an answer. */
const LONGEST_THOUGHT_MS = 3_000;

export class ClientProcess {
  readonly name: string;
  readonly kv: KVClient;
  readonly #parts: ClientProcessParts;
  readonly #operator: Operator;
  readonly #clock: Clock;
  readonly #lanes: Promise<void>[] = [];
  /** For each lane, the begin of the last operation that has ended; -1 if there is none. */
  readonly #done: number[];
  #stops = false;

  constructor(parts: ClientProcessParts) {
    const { operator, kv, lanes, world } = parts;
    this.name = operator.name;
    this.kv = kv;
    this.#parts = parts;
    this.#operator = { ...operator, kv, seen: new Map(), revisions: new Map(), ahead: { seen: 0 } };
    this.#clock = world.process(operator.name).world.clock;
    this.#done = Array.from({ length: lanes }, () => -1);
  }

  start(): void {
    for (let lane = 0; lane < this.#parts.lanes; lane++) this.#lanes.push(this.#run(lane));
  }

  /** Begins no further operation. Resolves when those under way have ended. */
  async stop(): Promise<void> {
    this.#stops = true;
    await Promise.all(this.#lanes);
  }

  /** True if every lane has ended an operation that it began at `since` or later, in virtual milliseconds. */
  hasServed(since: number): boolean {
    return this.#done.every((began) => began >= since);
  }

  async #run(lane: number): Promise<void> {
    const { world, thinkMs, burst, operator } = this.#parts;
    while (!this.#stops) {
      await this.#sleep(Math.min(operator.random.exponential(thinkMs), LONGEST_THOUGHT_MS));
      const began = world.now;
      if (burst === 1) await this.#operate();
      else await Promise.all(Array.from({ length: operator.random.integer(1, burst) }, () => this.#operate()));
      this.#done[lane] = began;
    }
  }

  async #operate(): Promise<void> {
    const { options, over } = this.#patience();
    try {
      await operate(this.#operator, options);
    } catch (error) {
      this.#parts.onDefect(this.name, error);
    }
    over();
  }

  /** How the next operation may be given up, and what to call when it has ended. */
  #patience(): { readonly options: OperationOptions; readonly over: () => void } {
    const { impatience, operator } = this.#parts;
    const { random } = operator;
    if (random.chance(impatience.timeout)) {
      impatience.strike('timeout');
      return { options: { timeout: 1 + random.exponential(PATIENCE_MS) }, over: nothing };
    }
    if (!random.chance(impatience.abort)) return { options: {}, over: nothing };
    impatience.strike('abort');
    const controller = new AbortController();
    const timer = this.#clock.after(random.exponential(PATIENCE_MS), () => controller.abort('impatient'));
    return { options: { signal: controller.signal }, over: () => timer.cancel() };
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#clock.after(ms, resolve);
    });
  }
}

function nothing(): void {}

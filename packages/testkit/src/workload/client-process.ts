/** A process with a client in it, and lanes that each do one operation after another, or some at once and then the next. */
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
  /** The most operations that a lane begins at once; the next ones come when all of them are over. */
  readonly burst: number;
  readonly thinkMs: number;
  readonly impatience: Impatience;
  /** A client was told what none may be told. */
  readonly onDefect: (client: string, error: unknown) => void;
}

/** How clients give up, as faults have it. */
export interface Impatience {
  /** Probability that an operation gets a timeout so short that it may strike. */
  timeout: number;
  /** Probability that an operation is aborted somewhere. */
  abort: number;
  /** Told when one of the two is about to be tried. */
  readonly strike: (fault: 'timeout' | 'abort') => void;
}

/** Mean milliseconds after which an impatient client gives up. */
const PATIENCE_MS = 300;

/** No client keeps quiet for so long that it cannot be told from one that waits. */
const LONGEST_THOUGHT_MS = 3_000;

export class ClientProcess {
  readonly name: string;
  readonly kv: KVClient;
  readonly #parts: ClientProcessParts;
  readonly #operator: Operator;
  readonly #clock: Clock;
  readonly #lanes: Promise<void>[] = [];
  /** When the last operation began that is over, of each lane; -1: none is. */
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

  /** No further operation; resolves when those under way are over. */
  async stop(): Promise<void> {
    this.#stops = true;
    await Promise.all(this.#lanes);
  }

  /** Every lane has brought an operation to its end that began at `since` or later, in virtual milliseconds. */
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

  /** How the next operation may be given up, and what is to be called when it is over. */
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

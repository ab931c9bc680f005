/** The clients of a run: starts and replaces them, and tells whether the service answers them. */
import { KVClient } from '@understudy/kvservice';
import type { World } from '@understudy/rpc';
import type { Liveness } from '../simulation/aftermath.ts';
import type { Situation } from '../simulation/coverage.ts';
import type { Profile } from '../simulation/profile.ts';
import type { SeededRandom } from '../world/seeded-random.ts';
import type { SimulatedWorld } from '../world/simulated-world.ts';
import { tellingOfOmissions } from './batch-watch.ts';
import { ClientProcess, type Impatience } from './client-process.ts';
import { Keys } from './keys.ts';
import { Recorder, type RecorderParts } from './recorder.ts';

export interface WorkloadParts {
  readonly world: SimulatedWorld;
  readonly monitors: string;
  readonly random: SeededRandom;
  readonly profile: Profile;
  readonly clients: number;
  readonly impatience: Impatience;
  readonly refusalsMayBeDone: boolean;
  readonly saw: (situation: Situation) => void;
  readonly onDefect: (client: string, error: unknown) => void;
  readonly onEnd: RecorderParts['onEnd'];
  readonly onSaw: RecorderParts['onSaw'];
  /** Called when a client starts or dies. */
  readonly onProcess: (name: string, state: 'started' | 'ended') => void;
}

export class Workload {
  readonly liveness: Liveness = {
    property: 'the service answers again when the faults are over',
    broken: 'got no answer',
  };
  readonly recorder: Recorder;
  readonly #parts: WorkloadParts;
  readonly #keys: Keys;
  /** The live client of each place. */
  readonly #clients: ClientProcess[] = [];
  #tokens = 0;
  #stops = false;

  constructor(parts: WorkloadParts) {
    const { world, random, profile, onEnd, onSaw } = parts;
    this.#parts = parts;
    this.recorder = new Recorder({ now: () => world.now, onEnd, onSaw });
    this.#keys = new Keys(random.stream('keys'), profile.keys, profile.operationsPerKey);
  }

  /** The number of operations that clients began. */
  get begun(): number {
    return this.recorder.begun;
  }

  /** The number of operations without an answer. */
  get underWay(): number {
    return this.recorder.underWay;
  }

  start(): void {
    for (let place = 0; place < this.#parts.clients; place++) this.#clients.push(this.#begin(`c${place + 1}`));
  }

  get names(): readonly string[] {
    return this.#clients.map(({ name }) => name);
  }

  /**
   * Kills a client as by `kill -9`, and starts another in its place. Its operations under way may or may not take
   * effect.
   */
  replace(place: number): void {
    const dead = this.#clients[place];
    if (dead === undefined || this.#stops) return;
    this.#parts.world.process(dead.name).crash();
    this.#parts.onProcess(dead.name, 'ended');
    const [base = '', life = '1'] = dead.name.split('-');
    this.#clients[place] = this.#begin(`${base}-${Number(life) + 1}`);
  }

  /** True if every client got an answer to an operation that it began at `since` or later, in virtual milliseconds. */
  areServed(since: number): boolean {
    return this.#clients.every((client) => client.hasServed(since));
  }

  /** The names of the clients that got none. */
  unserved(since: number): readonly string[] {
    return this.#clients.filter((client) => !client.hasServed(since)).map(({ name }) => name);
  }

  async stop(): Promise<void> {
    this.#stops = true;
    await Promise.all(this.#clients.map((client) => client.stop()));
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.map(({ kv }) => kv.close()));
  }

  #begin(name: string): ClientProcess {
    const { world, monitors, random, profile, impatience, refusalsMayBeDone, clients, saw, onDefect } = this.#parts;
    const kv = new KVClient({ monitors, world: this.#worldOf(name), ...profile.clients });
    const operator = {
      name,
      transport: world.process(name).world.transport,
      random: random.stream(name),
      keys: this.#keys,
      recorder: this.recorder,
      shape: profile.shape,
      saw,
      refusalsMayBeDone,
      dropsValues: profile.limits.allTextUnits < FEW_UNITS || profile.memory.valueUnits > 0,
      valueUnits: profile.memory.valueUnits,
      token: () => `${name}.${++this.#tokens}`,
    };
    const { lanes, burst, operationsPerSecond } = profile;
    const together = (1 + burst) / 2;
    const thinkMs = (1_000 * lanes * clients * together) / operationsPerSecond;
    const client = new ClientProcess({ world, operator, kv, lanes, burst, thinkMs, impatience, onDefect });
    client.start();
    this.#parts.onProcess(name, 'started');
    return client;
  }

  #worldOf(name: string): World {
    const { world, profile, saw } = this.#parts;
    const own = world.process(name).world;
    if (profile.shape !== 'large-values') return own;
    return { ...own, transport: tellingOfOmissions(own.transport, () => saw('operations left out of an answer')) };
  }
}

/** UTF-16 units of remembered values that the clients of one run may reach. */
const FEW_UNITS = 10_000;

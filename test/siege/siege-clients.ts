/** The recorded clients of a siege: of the library with several lanes each, of JSON-RPC, of plain HTTP. They go on from round to round. */
import { KVClient, type OperationOptions } from '@understudy/kvservice';
import { realWorld, type Transport } from '@understudy/rpc';
import type { SeededRandom } from '@understudy/testkit';
import { Keys } from '../../packages/testkit/src/workload/keys.ts';
import { operate } from '../../packages/testkit/src/workload/operations.ts';
import type { Operator } from '../../packages/testkit/src/workload/operator.ts';
import { Recorder } from '../../packages/testkit/src/workload/recorder.ts';
import type { SiegeCluster } from './cluster.ts';
import { Lane } from './lane.ts';
import { httpClient, jsonRpcClient, type PlainParts } from './plain-operations.ts';
import type { Tally } from './tally.ts';

export interface SiegeClientsParts {
  readonly cluster: SiegeCluster;
  readonly random: SeededRandom;
  readonly tally: Tally;
}

const CLIENTS = 6;
const LANES = 2;
const PLAIN_CLIENTS = 2;
const THINK_MS = 50;
const KEYS = 5;
const OPERATIONS_PER_KEY = 150;
/** Of operations that get a timeout so short that it may strike. */
const IMPATIENCE = 0.01;
const MEAN_PATIENCE_MS = 300;
const SEQUENTIAL_SHARE = 0.05;

export class SiegeClients implements AsyncDisposable {
  readonly #parts: SiegeClientsParts;
  readonly #kvs: readonly KVClient[];
  readonly #transport: Transport = realWorld().transport;
  /** The highest revision that each client has seen of each key of this round. */
  #seen = new Map<string, number>();
  #keys: Keys;
  #recorder: Recorder;
  #lanes: readonly Lane[] = [];
  #lastWriteMs = 0;
  #isClosed = false;
  #tokens = 0;

  constructor(parts: SiegeClientsParts) {
    this.#parts = parts;
    this.#kvs = Array.from({ length: CLIENTS }, () => new KVClient({ monitors: parts.cluster.monitor.address }));
    this.#keys = this.#keysOf('k');
    this.#recorder = this.#newRecorder();
  }

  get recorder(): Recorder {
    return this.#recorder;
  }

  /** A client that may be used beside the lanes. */
  get kv(): KVClient {
    const [kv] = this.#kvs;
    if (kv === undefined) throw new Error('no client');
    return kv;
  }

  /** Starts all lanes, on keys of their own. */
  begin(prefix: string): void {
    this.#keys = this.#keysOf(prefix);
    this.#recorder = this.#newRecorder();
    this.#seen = new Map();
    this.#lastWriteMs = performance.now();
    const random = this.#parts.random.stream(prefix);
    const ofLibrary = this.#kvs.flatMap((kv, client) =>
      Array.from({ length: LANES }, (_, lane) => this.#libraryLane(kv, `c${client}.${lane}`, random)),
    );
    const plain = Array.from({ length: PLAIN_CLIENTS }, (_, client) => [
      this.#plainLane(`rpc${client}`, random, jsonRpcClient),
      this.#plainLane(`http${client}`, random, httpClient),
    ]);
    this.#lanes = [...ofLibrary, ...plain.flat()];
  }

  /** Lanes that have no answer yet to anything that began since then. */
  unserved(sinceMs: number): readonly string[] {
    return this.#lanes.filter((lane) => !lane.hasServed(sinceMs)).map(({ name }) => name);
  }

  /** Resolves when no operation is under way. */
  async end(): Promise<void> {
    for (const lane of this.#lanes) lane.stop();
    await Promise.all(this.#lanes.map(({ ended }) => ended));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    for (const lane of this.#lanes) lane.stop();
    await Promise.all(this.#kvs.map((kv) => kv.close()));
    await this.#transport.close();
  }

  #libraryLane(kv: KVClient, name: string, parent: SeededRandom): Lane {
    const random = parent.stream(name);
    const operator: Operator = {
      name,
      kv,
      transport: this.#transport,
      random,
      keys: this.#keys,
      recorder: this.#recorder,
      shape: 'usual',
      saw: () => {},
      refusalsMayBeDone: false,
      dropsValues: false,
      valueUnits: 0,
      seen: new Map(),
      revisions: new Map(),
      ahead: { seen: 0 },
      token: () => this.#token(name),
    };
    const doOne = () =>
      random.chance(SEQUENTIAL_SHARE) ? this.#readSequentially(kv, name) : operate(operator, patienceOf(random));
    return this.#lane(name, random, doOne);
  }

  #plainLane(name: string, parent: SeededRandom, client: (parts: PlainParts) => () => Promise<void>): Lane {
    const random = parent.stream(name);
    const { monitor, servers } = this.#parts.cluster;
    const workload = { keys: this.#keys, recorder: this.#recorder };
    const addresses = servers.map(({ address }) => address);
    const transport = this.#transport;
    const unique = `${name}.${this.#token('')}`;
    const parts = {
      name: unique,
      monitor: monitor.address,
      servers: addresses,
      transport,
      random,
      workload: () => workload,
    };
    return this.#lane(name, random, client(parts));
  }

  #lane(name: string, random: SeededRandom, doOne: () => Promise<void>): Lane {
    return new Lane({
      name,
      operate: doOne,
      thinkMs: () => Math.min(random.exponential(THINK_MS), 10 * THINK_MS),
      onDefect: (lane, error) => {
        if (!this.#isClosed) this.#parts.tally.fail(`client ${kindOf(lane)} was told: ${String(error)}`);
      },
    });
  }

  /** A backup may answer, but never with less than this client has seen (L5). */
  async #readSequentially(kv: KVClient, name: string): Promise<void> {
    const key = this.#keys.next();
    const client = name.slice(0, name.indexOf('.'));
    const seenBefore = this.#seen.get(`${client} ${key}`) ?? 0;
    const { revision } = await kv.read(key, { consistency: 'sequential' });
    if (revision < seenBefore) {
      this.#parts.tally.fail(`${client} read ${key} sequentially at revision ${revision} after ${seenBefore} (L5)`);
    }
    const seenMeanwhile = this.#seen.get(`${client} ${key}`) ?? 0;
    this.#seen.set(`${client} ${key}`, Math.max(revision, seenMeanwhile));
  }

  #newRecorder(): Recorder {
    return new Recorder({
      now: () => performance.now(),
      onEnd: ({ op }, { kind }) => {
        this.#parts.tally.add('operations');
        if (kind === 'unknown') this.#parts.tally.add('unknownOutcomes');
        if (op === 'get' || kind !== 'output') return;
        const now = performance.now();
        this.#parts.tally.sawGap(now - this.#lastWriteMs);
        this.#lastWriteMs = now;
      },
      onSaw: () => this.#parts.tally.add('operations'),
    });
  }

  #keysOf(prefix: string): Keys {
    return new Keys(this.#parts.random.stream(`${prefix} keys`), KEYS, OPERATIONS_PER_KEY, prefix);
  }

  #token(name: string): string {
    this.#tokens += 1;
    return `${name}.${this.#tokens}`;
  }
}

/** `c` of the library, `rpc`, or `http`: what one of them is told is as a rule told to all. */
function kindOf(lane: string): string {
  return lane.replace(/[\d.]+$/, '');
}

function patienceOf(random: SeededRandom): OperationOptions {
  return random.chance(IMPATIENCE) ? { timeout: 1 + random.exponential(MEAN_PATIENCE_MS) } : {};
}

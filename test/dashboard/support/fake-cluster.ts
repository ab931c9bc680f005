/** A cluster that is played for the page, one listener for each node that lives, as a situation has it. */
import type { ChaosNode, Hello, Sample } from '@understudy/dashboard';
import { FakeKeys } from './fake-keys.ts';
import { FakeNode } from './fake-node.ts';
import type { Cast, Situation } from './situations.ts';

export interface FakeClusterOptions {
  /** Of the monitor; the servers follow. 0: any that are free. */
  readonly port?: number;
  /** A server that the policy of the page does not name, until `name` is called. */
  readonly unnamed?: number;
}

export class FakeCluster implements AsyncDisposable {
  readonly keys: FakeKeys;
  readonly cast: Cast;
  readonly control: FakeNode | undefined;
  readonly #situation: Situation;
  readonly #monitor: FakeNode;
  readonly #servers: readonly FakeNode[];

  private constructor(situation: Situation, keys: FakeKeys, nodes: readonly FakeNode[], control: FakeNode | undefined) {
    const [monitor, ...servers] = nodes;
    if (monitor === undefined) throw new Error('a cluster has a monitor');
    this.#situation = situation;
    this.#monitor = monitor;
    this.#servers = servers;
    this.control = control;
    this.keys = keys;
    this.cast = { monitor: monitor.address, servers: servers.map(({ address }) => address) };
  }

  static async play(situation: Situation, { port = 0, unnamed }: FakeClusterOptions = {}): Promise<FakeCluster> {
    const keys = keysOf(situation.keys ?? 0);
    const nodes = [];
    for (let at = 0; at <= situation.servers; at += 1)
      nodes.push(await FakeNode.listen(keys, port === 0 ? 0 : port + at));
    const control = situation.chaos === true ? await FakeNode.listen(keys) : undefined;
    const cluster = new FakeCluster(situation, keys, nodes, control);
    cluster.#play(unnamed);
    for (const who of situation.dead ?? []) await cluster.#node(who)[Symbol.asyncDispose]();
    return cluster;
  }

  /** Where the page comes from. */
  get url(): string {
    const { from } = this.#situation;
    return `http://${(from === undefined ? this.#monitor : this.#node(from)).address}/`;
  }

  kill(who: 'monitor' | number): Promise<void> {
    return this.#node(who)[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const node of [this.#monitor, ...this.#servers, ...(this.control === undefined ? [] : [this.control])])
      await node[Symbol.asyncDispose]();
  }

  #node(who: 'monitor' | number): FakeNode {
    const node = who === 'monitor' ? this.#monitor : this.#servers[who];
    if (node === undefined) throw new Error(`there is no server ${who}`);
    return node;
  }

  /** From now on policies name all servers. */
  name(): void {
    this.#play();
  }

  #play(unnamed?: number): void {
    const { monitorNotices, serverNotices, monitorAt, serverAt } = this.#situation;
    const { cast } = this;
    const now = Date.now();
    const servers = cast.servers.filter((_, number) => number !== unnamed);
    const reachable = [cast.monitor, ...servers, ...(this.control === undefined ? [] : [this.control.address])];
    this.#monitor.play(
      {
        hello: this.#hello(cast.monitor, 'monitor', now),
        notices: monitorNotices(cast, now),
        sampleAt: (at) => monitorAt(cast, at, now),
      },
      reachable,
    );
    this.#servers.forEach((node, number) => {
      const notices = serverNotices?.(cast, number, now) ?? [];
      node.play(
        { hello: this.#hello(node.address, 'server', now), notices, sampleAt: (at) => serverAt(cast, number, at, now) },
        reachable,
      );
    });
    this.control?.play(
      { hello: this.#hello(this.control.address, 'control', now), notices: [], sampleAt: (at) => this.#controlAt(at) },
      reachable,
    );
  }

  #hello(node: string, kind: Hello['kind'], now: number): Hello {
    const { monitor, servers } = this.cast;
    const chaos = this.control === undefined ? {} : { chaos: this.control.address };
    return {
      node,
      kind,
      now,
      since: now - 600_000,
      monitors: [monitor],
      nodes: [monitor, ...servers],
      pingIntervalMs: 100,
      deadPings: 5,
      history: [],
      ...chaos,
    };
  }

  #controlAt(at: number): Sample {
    const { monitor, servers } = this.cast;
    const dead = this.#situation.dead ?? [];
    const stateOf = (who: 'monitor' | number): ChaosNode['state'] => (dead.includes(who) ? 'dead' : 'running');
    const nodes: ChaosNode[] = [
      { node: monitor, kind: 'monitor', state: stateOf('monitor'), pid: 4_100, cutFrom: [] },
      ...servers.map(
        (node, number): ChaosNode => ({
          node,
          kind: 'server',
          state: stateOf(number),
          pid: dead.includes(number) ? 0 : 4_101 + number,
          cutFrom: [],
        }),
      ),
    ];
    return { at, kind: 'control', nodes, load: { rate: 20_000, done: 0, failed: 0, underWay: 0 } };
  }
}

function keysOf(count: number): FakeKeys {
  const keys = new FakeKeys();
  for (let number = 0; number < count; number += 1)
    keys.put(
      `user/${String(number).padStart(4, '0')}`,
      JSON.stringify({ name: NAMES[number % NAMES.length], visits: number * 7 }),
    );
  return keys;
}

const NAMES = ['Ada', 'Grace', 'Edsger', 'Barbara', 'Leslie', 'Tony'];

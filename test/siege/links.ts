/** All links of a cluster under siege. Each node listens behind a proxy; each pair of nodes has a state for each direction. */
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { SeededRandom } from '@understudy/testkit';
import { Flow } from './flow.ts';
import { CLEAR, type LinkState, worstOf } from './link-state.ts';

/** A process that listens; or `clients`, all recorded clients together. */
export type NodeName = string;

/** A fault on some links, for as long as it is laid. */
export interface Layer {
  readonly concerns: (from: NodeName, to: NodeName) => boolean;
  readonly state: Partial<LinkState>;
}

export interface ProxyParts {
  readonly node: NodeName;
  /** Where the others reach the node. */
  readonly port: number;
  /** Where the node listens. */
  readonly targetPort: number;
}

interface Passage {
  readonly from: NodeName;
  readonly to: NodeName;
  readonly flows: readonly Flow[];
  readonly sockets: readonly Socket[];
}

export class Links {
  readonly #random: SeededRandom;
  readonly #nodeAt: (address: string) => NodeName;
  readonly #layers = new Set<Layer>();
  readonly #passages = new Set<Passage>();
  readonly #proxies: Server[] = [];
  readonly #states = new Map<string, LinkState>();
  readonly #waiting = new Set<() => void>();

  /** @param nodeAt which node has this source address */
  constructor(random: SeededRandom, nodeAt: (address: string) => NodeName) {
    this.#random = random;
    this.#nodeAt = nodeAt;
  }

  async proxy({ node, port, targetPort }: ProxyParts): Promise<void> {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
      near.on('error', () => {}); // 'close' follows
      this.#dial(near, this.#nodeAt(near.remoteAddress ?? ''), node, targetPort);
    });
    this.#proxies.push(server);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
  }

  /** Returns what takes the fault away again. */
  lay(layer: Layer): () => void {
    this.#layers.add(layer);
    this.#changed();
    return () => {
      if (this.#layers.delete(layer)) this.#changed();
    };
  }

  get areClear(): boolean {
    return this.#layers.size === 0;
  }

  /** Ends open connections, in either direction; what was on its way is lost. */
  reset(concerns: Layer['concerns']): number {
    const ended = [...this.#passages].filter(({ from, to }) => concerns(from, to));
    for (const passage of ended) this.#end(passage);
    return ended.length;
  }

  async close(): Promise<void> {
    this.reset(() => true);
    this.#waiting.clear();
    await Promise.all(this.#proxies.map((server) => new Promise((resolve) => server.close(resolve))));
  }

  #stateOf(from: NodeName, to: NodeName): LinkState {
    const name = `${from}>${to}`;
    const known = this.#states.get(name);
    if (known !== undefined) return known;
    const states = [...this.#layers].filter(({ concerns }) => concerns(from, to)).map(({ state }) => state);
    const state = states.length === 0 ? CLEAR : worstOf(states);
    this.#states.set(name, state);
    return state;
  }

  #changed(): void {
    this.#states.clear();
    for (const dial of [...this.#waiting]) dial();
    for (const { flows } of this.#passages) for (const flow of flows) flow.pump();
  }

  /** A connection is made once the link lets the first packet through, and its answer. */
  #dial(near: Socket, from: NodeName, to: NodeName, port: number): void {
    if (near.destroyed) return;
    if (this.#stateOf(from, to).cut || this.#stateOf(to, from).cut) {
      const again = () => {
        if (!near.destroyed && (this.#stateOf(from, to).cut || this.#stateOf(to, from).cut)) return;
        this.#waiting.delete(again);
        this.#dial(near, from, to, port);
      };
      this.#waiting.add(again);
      near.once('close', () => this.#waiting.delete(again));
      return;
    }
    const far = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    const up = new Flow({ source: near, sink: far, random: this.#random, state: () => this.#stateOf(from, to) });
    const down = new Flow({ source: far, sink: near, random: this.#random, state: () => this.#stateOf(to, from) });
    const passage: Passage = { from, to, flows: [up, down], sockets: [near, far] };
    this.#passages.add(passage);
    for (const socket of passage.sockets) {
      socket.once('close', () => {
        if (passage.sockets.every(({ destroyed }) => destroyed)) this.#end(passage);
      });
    }
  }

  #end(passage: Passage): void {
    this.#passages.delete(passage);
    for (const flow of passage.flows) flow.drop();
    for (const socket of passage.sockets) socket.destroy();
  }
}

/** The web page of one node, with its feed. A monitor, a server or a control adds it to its listener. */
import type { Address, Clock, Neighbours, PageRequest, Pages } from '@understudy/rpc';
import type { Hello, Notice, Telling } from './feed.ts';
import { Hub, type Reading } from './hub.ts';
import { pageFiles } from './page-files.ts';

export interface NodePageOptions {
  readonly clock: Clock;
  readonly kind: Hello['kind'];
  /** The address by which others know the node, as far as the node knows it: the host may be 0.0.0.0. */
  readonly own: () => Address;
  /** All other nodes known now. */
  readonly others: () => readonly Address[];
  /** Looks for more nodes. Must not reject. */
  readonly refresh?: () => Promise<void>;
  readonly hello: () => Pick<Hello, 'cluster' | 'monitors' | 'pingIntervalMs' | 'deadPings'>;
  /** The address of the control of `understudy up --chaos`. */
  readonly chaos?: Address | undefined;
  readonly read: () => Promise<Reading | undefined>;
}

/** The options of the page. */
export interface PageOptions {
  /** The address of the control of `understudy up --chaos`, which the page shows as a panel. */
  readonly chaos?: Address;
}

/** Reads an option that is yes, no, or an object. Undefined: there is no page. */
export function pageOptionsOf(given: boolean | PageOptions = true): PageOptions | undefined {
  if (typeof given === 'object') return given;
  return given ? {} : undefined;
}

export class NodePage {
  readonly pages: Pages;
  readonly neighbours: Neighbours;
  readonly #options: NodePageOptions;
  readonly #hub: Hub;

  constructor(options: NodePageOptions) {
    const { clock, read, refresh } = options;
    this.#options = options;
    this.#hub = new Hub({ clock, read, self: (request) => this.#self(request) });
    const nodes = async (): Promise<readonly Address[]> => {
      await refresh?.();
      return this.#reachable();
    };
    this.pages = { ...pageFiles({ nodes }), '/events': (request) => this.#hub.answer(request) };
    this.neighbours = { known: () => this.#nodes(options.own()), ...(refresh === undefined ? {} : { refresh }) };
  }

  /** The number of connected viewers. */
  get viewers(): number {
    return this.#hub.viewers;
  }

  notice(notice: Notice['notice'], telling: Telling): void {
    this.#hub.notice(notice, telling);
  }

  /** Ends the streams, because the listener would wait for them. */
  close(): void {
    this.#hub.close();
  }

  #self(request: PageRequest): Omit<Hello, 'now' | 'since' | 'history'> {
    const { kind, hello, chaos } = this.#options;
    const node = this.#nameFor(request);
    return { node, kind, ...hello(), nodes: this.#nodes(node), ...(chaos === undefined ? {} : { chaos }) };
  }

  #nodes(own: Address): readonly Address[] {
    return [...new Set([own, ...this.#options.others()])];
  }

  /** The nodes to which the page may connect. */
  #reachable(): readonly Address[] {
    const { own, chaos } = this.#options;
    return [...this.#nodes(own()), ...(chaos === undefined ? [] : [chaos])];
  }

  /** A node that listens everywhere is known by the host in the request. */
  #nameFor({ headers }: PageRequest): Address {
    const own = this.#options.own();
    return /^(?:0\.0\.0\.0|\[::\]):/.test(own) ? (headers.host ?? own) : own;
  }
}

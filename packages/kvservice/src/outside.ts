/** Everything a server offers over HTTP besides its methods: status, keys, metrics, and the web page. */
import {
  type Address,
  type CallObserver,
  type Method,
  type Neighbours,
  type Pages,
  parseAddress,
  type RefusalKind,
} from '@understudy/rpc';
import type { ReplicaInspection } from './core/inspection.ts';
import { PlainHttp } from './http/plain-http.ts';
import { type Door, pagesOf } from './methods.ts';
import type { ServerNotice } from './notice.ts';
import type { ServerSettings } from './options.ts';
import { ServerPage } from './server-page.ts';
import { Telemetry } from './telemetry.ts';

export interface OutsideParts {
  readonly settings: ServerSettings;
  readonly door: Door;
  readonly methods: Readonly<Record<string, Method>>;
  /** The address of the server, once it is known. */
  readonly own: () => Address;
  /** Throws NOT_READY before the server has started. */
  readonly inspection: () => ReplicaInspection;
  /** The number of refused messages so far. */
  readonly refusals: Readonly<Record<RefusalKind, number>>;
  /** Returns the servers that the monitor knows. */
  readonly servers: () => Promise<readonly Address[]>;
}

/** What the listener of the server uses. */
interface Shown {
  readonly pages: Pages;
  readonly observer: CallObserver;
  readonly neighbours?: Neighbours;
  readonly hostNames: readonly string[];
}

export class Outside {
  readonly #door: Door;
  readonly #telemetry: Telemetry;
  readonly #http: PlainHttp;
  readonly #page: ServerPage | undefined;
  readonly #hostNames: readonly string[];

  constructor({ settings, door, methods, own, inspection, refusals, servers }: OutsideParts) {
    const { droppedLogRecords, advertise, allowHosts } = settings;
    this.#hostNames = advertise === undefined ? allowHosts : [...allowHosts, parseAddress(advertise).host];
    const status = () => door.status();
    const passedOn = () => this.#http.underWay;
    this.#door = door;
    const now = () => settings.world.clock.now();
    this.#telemetry = new Telemetry({ server: own, status, inspection, refusals, now, passedOn, droppedLogRecords });
    this.#http = new PlainHttp({ settings, methods, observer: this.#telemetry, own, view: () => status().view });
    if (settings.dashboard === undefined) return;
    const { meter } = this.#telemetry;
    this.#page = new ServerPage({ settings, own, servers, meter, status, inspection, passedOn });
  }

  /** Observes every answer. */
  get observer(): CallObserver {
    return this.#telemetry;
  }

  get shown(): Shown {
    const observer = this.#telemetry;
    const node = this.#page?.node;
    const metrics = { '/metrics': () => observer.metrics() };
    const pages = { ...pagesOf(this.#door), ...metrics, ...this.#http.pages, ...node?.pages };
    return { pages, observer, hostNames: this.#hostNames, ...(node !== undefined && { neighbours: node.neighbours }) };
  }

  notice(notice: ServerNotice): void {
    if (notice.kind === 'view') this.#telemetry.view(notice);
    if (notice.kind === 'monitors-disagree') this.#telemetry.monitorsDisagree(true);
    if (notice.kind === 'monitors-agree') this.#telemetry.monitorsDisagree(false);
    this.#page?.notice(notice);
  }

  /** Refuses new requests for keys, and lets those in progress finish for up to `patienceMs`. */
  drain(patienceMs: number): Promise<void> {
    return this.#http.drain(patienceMs);
  }

  async close(): Promise<void> {
    this.#page?.node.close();
    await this.#http.close();
  }
}

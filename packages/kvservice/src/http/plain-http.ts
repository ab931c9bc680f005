/** The plain HTTP interface to keys: its pages, and the client behind them. */
import { type Address, type CallObserver, type Method, observed, type Pages } from '@understudy/rpc';
import type { View } from '@understudy/sysmonitor';
import { KVClient } from '../client.ts';
import type { ServerSettings } from '../options.ts';
import { Gateway } from './gateway.ts';
import { kvPages } from './kv-pages.ts';
import { OwnCalls } from './own-calls.ts';

export interface PlainHttpOptions {
  readonly settings: ServerSettings;
  readonly methods: Readonly<Record<string, Method>>;
  /** Observes the answers of these methods when no transport carries them. */
  readonly observer: CallObserver;
  /** The address of the server, once it is known. */
  readonly own: () => Address;
  /** The newest view that the server knows. */
  readonly view: () => View;
}

export class PlainHttp {
  readonly pages: Pages;
  readonly #gateway: Gateway;
  readonly #calls: OwnCalls;

  constructor(options: PlainHttpOptions) {
    const { settings, observer, own, view } = options;
    const { clock, transport } = settings.world;
    const methods = observed(options.methods, observer, clock);
    this.#calls = new OwnCalls({ transport, clock, own, methods });
    this.#gateway = new Gateway({ clock, openClient: () => openClient(settings, this.#calls, view()) });
    this.pages = kvPages({ methods, gateway: this.#gateway, now: () => clock.now() });
  }

  /** The number of operations passed on that have no answer yet. */
  get underWay(): number {
    return this.#gateway.underWay;
  }

  /** Refuses new requests, lets those in progress finish for up to `patienceMs`, and closes the client's session. */
  async drain(patienceMs: number): Promise<void> {
    await this.#gateway.drain(patienceMs);
    await this.#gateway.close();
  }

  /** Closes at once, without messages: a killed server sends nothing any more. */
  async close(): Promise<void> {
    await this.#calls.close();
    await this.#gateway.close();
  }
}

function openClient(settings: ServerSettings, transport: OwnCalls, known: View): KVClient {
  const { world, monitors, pingIntervalMs, bounds } = settings;
  return new KVClient({
    monitors,
    world: { ...world, transport },
    pingInterval: pingIntervalMs,
    ...bounds,
    ...(known.viewnum > 0 && { view: known }),
  });
}

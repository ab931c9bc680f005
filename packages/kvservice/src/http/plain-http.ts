/** What a server has of plain HTTP besides its status: the pages of keys, and the client behind them. */
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
  /** Told of the answers of these methods, where no transport carries them. */
  readonly observer: CallObserver;
  /** The name of the server, once it is known. */
  readonly own: () => Address;
  /** The newest view that the server knows. */
  readonly view: () => View;
}

export class PlainHttp {
  readonly pages: Pages;
  readonly #gateway: Gateway;

  constructor(options: PlainHttpOptions) {
    const { settings, observer } = options;
    const { clock } = settings.world;
    const methods = observed(options.methods, observer, clock);
    this.#gateway = new Gateway({ clock, openClient: () => openClient({ ...options, methods }) });
    this.pages = kvPages({ methods, gateway: this.#gateway, now: () => clock.now() });
  }

  /** Operations passed on that have no answer yet. */
  get underWay(): number {
    return this.#gateway.underWay;
  }

  /** Takes no more, and lets what is under way get its answer, for so long at most. */
  drain(patienceMs: number): Promise<void> {
    return this.#gateway.drain(patienceMs);
  }

  close(): Promise<void> {
    return this.#gateway.close();
  }
}

function openClient({ settings, methods, own, view }: PlainHttpOptions): KVClient {
  const { world, monitors, pingIntervalMs, bounds } = settings;
  const transport = new OwnCalls({ transport: world.transport, clock: world.clock, own, methods });
  const known = view();
  return new KVClient({
    monitors,
    world: { ...world, transport },
    pingInterval: pingIntervalMs,
    ...bounds,
    ...(known.viewnum > 0 && { view: known }),
  });
}

/**
 * The nodes that a server has heard of, idle ones included. Its page queries these nodes, and it accepts requests from
 * their pages.
 */
import type { Address, Clock } from '@understudy/rpc';
import type { View } from '@understudy/sysmonitor';

/** The monitor is asked at most once in this time, in milliseconds. */
const ASK_AGAIN_MS = 1_000;
/** The most remembered nodes; those heard of last stay. */
const MAX_REMEMBERED = 200;

export interface KnownNodesOptions {
  readonly clock: Clock;
  readonly monitors: readonly Address[];
  /** Returns the servers that the monitor knows; rejects if it does not answer. */
  readonly ask: () => Promise<readonly Address[]>;
}

export class KnownNodes {
  readonly #options: KnownNodesOptions;
  readonly #servers = new Set<Address>();
  #asked: { readonly at: number; readonly answer: Promise<void> } | undefined;

  constructor(options: KnownNodesOptions) {
    this.#options = options;
  }

  get all(): readonly Address[] {
    return [...this.#options.monitors, ...this.#servers];
  }

  /** Remembers the servers of a view. They stay known after the view ends, because they may return. */
  learn({ primary, backups }: View): void {
    this.#remember(primary === '' ? backups : [primary, ...backups]);
  }

  /** Asks the monitor. Without an answer the known nodes stay. */
  refresh(): Promise<void> {
    const now = this.#options.clock.now();
    if (this.#asked === undefined || now - this.#asked.at >= ASK_AGAIN_MS) {
      this.#asked = { at: now, answer: this.#ask() };
    }
    return this.#asked.answer;
  }

  async #ask(): Promise<void> {
    try {
      this.#remember(await this.#options.ask());
    } catch {} // a monitor that is dead has nothing to add
  }

  #remember(servers: readonly Address[]): void {
    for (const server of servers) {
      this.#servers.delete(server);
      this.#servers.add(server);
    }
    for (const server of this.#servers) {
      if (this.#servers.size <= MAX_REMEMBERED) return;
      this.#servers.delete(server);
    }
  }
}

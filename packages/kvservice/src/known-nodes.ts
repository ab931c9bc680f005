/** The nodes of the cluster that a server has heard of, idle ones included: whom its page asks, and whose pages may ask it. */
import type { Address, Clock } from '@understudy/rpc';
import type { View } from '@understudy/sysmonitor';

/** The monitor is asked no more often than that, whoever wants to know. */
const ASK_AGAIN_MS = 1_000;
/** Those heard of last. */
const MAX_REMEMBERED = 200;

export interface KnownNodesOptions {
  readonly clock: Clock;
  readonly monitors: readonly Address[];
  /** The servers that the monitor knows now; rejects where it does not answer. */
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

  /** Servers of former views stay known: they may come back. */
  learn({ primary, backups }: View): void {
    this.#remember(primary === '' ? backups : [primary, ...backups]);
  }

  /** Asks the monitor; without an answer what is known stays known. */
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

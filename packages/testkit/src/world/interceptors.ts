/** Hooks for tests in the network: they see every message as it leaves, and may decide its fate. */
import type { Message } from './message.ts';

/** The fate of a message. `undefined` leaves it to the network; `hold` keeps it until the interceptor is released. */
export type Verdict = 'drop' | 'hold' | 'duplicate' | 'reset' | { readonly delayMs: number } | undefined;

/** Sees every message as it leaves its process, before any fault of its link. */
export type Filter = (message: Message) => Verdict;

export interface Interceptor {
  /** The messages that it holds now, oldest first. */
  readonly held: readonly Message[];
  /** Sends the held messages, in order. */
  release(): void;
  /** Stops intercepting. Held messages stay held until `release`. */
  remove(): void;
}

export class Interceptors<Packet extends { readonly message: Message }> {
  readonly #send: (packet: Packet) => void;
  #entries: { readonly filter: Filter; readonly held: Packet[] }[] = [];

  /** @param send Sends a packet that was released. */
  constructor(send: (packet: Packet) => void) {
    this.#send = send;
  }

  add(filter: Filter): Interceptor {
    const entry = { filter, held: [] as Packet[] };
    this.#entries.push(entry);
    return {
      get held() {
        return entry.held.map(({ message }) => message);
      },
      release: () => this.#release(entry.held),
      remove: () => {
        this.#entries = this.#entries.filter((other) => other !== entry);
      },
    };
  }

  /** Returns the first verdict. Keeps a message that is to be held. */
  judge(packet: Packet): Verdict {
    for (const { filter, held } of this.#entries) {
      const verdict = filter(packet.message);
      if (verdict === 'hold') held.push(packet);
      if (verdict !== undefined) return verdict;
    }
    return undefined;
  }

  removeAll(): void {
    const entries = this.#entries;
    this.#entries = [];
    for (const { held } of entries) this.#release(held);
  }

  #release(held: Packet[]): void {
    for (const packet of held.splice(0)) this.#send(packet);
  }
}

/** Eavesdrops on the messages between servers and to the monitor, and keeps the newest of each kind for forgeries. */
import type { Message } from '../world/message.ts';
import type { SimulatedNetwork } from '../world/simulated-network.ts';

export const OVERHEARD_METHODS = ['kv.prepare', 'kv.piece', 'kv.chunk', 'kv.release', 'sysmonitor.ping'] as const;

/** Messages kept of each kind. */
const MOST_KEPT = 8;

export class Overheard {
  readonly #messages = new Map<string, Message[]>(OVERHEARD_METHODS.map((method) => [method, []]));

  /** @param but The process whose own messages are not kept. */
  constructor(network: SimulatedNetwork, but: string) {
    network.intercept((message) => {
      if (message.from !== but) this.#hear(message);
      return undefined;
    });
  }

  /** Requests, oldest first. */
  of(method: (typeof OVERHEARD_METHODS)[number]): readonly Message[] {
    return this.#messages.get(method) ?? [];
  }

  #hear(message: Message): void {
    const kept = this.#messages.get(message.method);
    if (kept === undefined || message.kind !== 'request') return;
    kept.push(message);
    if (kept.length > MOST_KEPT) kept.shift();
  }
}

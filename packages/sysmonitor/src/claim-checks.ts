/** Claim checks: asks a server at its own address whether it sent a ping that names it. */

// The number of addresses asked at once is bounded, because anyone who reaches the port can name any address. Some
// places are kept for servers that the monitor knows, and no server gets more than a few. Otherwise names that nobody
// answers for would keep the cluster's own servers out. Further pings of one incarnation wait for the same answer. A
// ping is not confirmed if the server does not answer in time, or answers otherwise.
import { type Transport, UnderstudyError } from '@understudy/rpc';
import type { Ping } from './contract.ts';
import { confirms } from './core/doubt.ts';
import { identityOf } from './wire.ts';

const MOST_AT_ONCE = 64;
/** The places kept for servers that the monitor knows. */
const KEPT = 32;
const MOST_PER_SERVER = 4;
/** The number of pings that may wait for one answer. A server sends one ping per interval. */
const MOST_WAITING = 100;

type OnAnswer = (isConfirmed: boolean) => void;

interface Waiting {
  readonly ping: Ping;
  readonly onAnswer: OnAnswer;
}

export class ClaimChecks {
  readonly #transport: Pick<Transport, 'call'>;
  readonly #timeoutMs: number;
  readonly #underWay = new Map<string, Waiting[]>();
  readonly #end = new AbortController();

  constructor(transport: Pick<Transport, 'call'>, timeoutMs: number) {
    this.#transport = transport;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * `isKnown`: the server showed a confirmed secret before, to this run of the monitor or to an earlier one. `onAnswer`
   * is called exactly once.
   */
  check(ping: Ping, isKnown: boolean, onAnswer: OnAnswer): void {
    const { server, incarnation, secret = '' } = ping;
    const key = JSON.stringify([server, incarnation, secret]);
    const waiting = this.#underWay.get(key);
    if (waiting !== undefined && waiting.length < MOST_WAITING) return void waiting.push({ ping, onAnswer });
    if (waiting !== undefined || !this.#hasPlace(server, isKnown)) return onAnswer(false);
    const first: Waiting[] = [{ ping, onAnswer }];
    this.#underWay.set(key, first);
    void this.#ask(server, secret).then((identity) => {
      this.#underWay.delete(key);
      for (const each of first) each.onAnswer(identity !== undefined && confirms(identity, each.ping));
    });
  }

  #hasPlace(server: string, isKnown: boolean): boolean {
    const ofServer = [...this.#underWay.values()].filter(([first]) => first?.ping.server === server);
    return ofServer.length < MOST_PER_SERVER && this.#underWay.size < (isKnown ? MOST_AT_ONCE : MOST_AT_ONCE - KEPT);
  }

  /** Aborts the checks under way. */
  close(): void {
    this.#end.abort();
  }

  async #ask(server: string, secret: string) {
    try {
      const options = { timeoutMs: this.#timeoutMs, signal: this.#end.signal, once: true };
      return identityOf(await this.#transport.call(server, 'kv.identity', { secret }, options));
    } catch (error) {
      if (!(error instanceof UnderstudyError)) throw error;
      return undefined;
    }
  }
}

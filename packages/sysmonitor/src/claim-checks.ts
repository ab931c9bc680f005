/** Claim checks: asks a server at its own address whether it sent a ping that names it. */

// The number of addresses asked at once is bounded, because anyone who reaches the port can name any address. Some
// places are kept for servers that the monitor knows, and no server gets more than a few. Otherwise names that nobody
// answers for would keep the cluster's own servers out. Further pings of one incarnation wait for the same answer. A
// ping is not confirmed if the server does not answer in time, or answers otherwise.
//
// A request or its answer may be lost without an error, and a slow server may need long. So the monitor asks again
// while the earlier requests still wait, and takes the first answer. Otherwise one lost answer makes a restarted
// monitor count a live primary as silent. The pauses double, so each check makes few requests.
import { type CallOptions, type Timer, UnderstudyError, type World } from '@understudy/rpc';
import type { Identity, Ping } from './contract.ts';
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

interface Check {
  readonly waiting: Waiting[];
  /** Ends the requests under way. */
  readonly end: AbortController;
}

export interface CheckTimes {
  /** The time for a check. */
  readonly timeoutMs: number;
  /** The pause before the second request. Each further pause is twice as long. */
  readonly askAgainMs: number;
}

type CheckWorld = { readonly transport: Pick<World['transport'], 'call'>; readonly clock: World['clock'] };

export class ClaimChecks {
  readonly #world: CheckWorld;
  readonly #times: CheckTimes;
  readonly #underWay = new Map<string, Check>();

  constructor(world: CheckWorld, times: CheckTimes) {
    this.#world = world;
    this.#times = times;
  }

  /**
   * `isKnown`: the server showed a confirmed secret before, to this run of the monitor or to an earlier one. `onAnswer`
   * is called exactly once.
   */
  check(ping: Ping, isKnown: boolean, onAnswer: OnAnswer): void {
    const { server, incarnation, secret = '' } = ping;
    const key = JSON.stringify([server, incarnation, secret]);
    const waiting = this.#underWay.get(key)?.waiting;
    if (waiting !== undefined && waiting.length < MOST_WAITING) return void waiting.push({ ping, onAnswer });
    if (waiting !== undefined || !this.#hasPlace(server, isKnown)) return onAnswer(false);
    const check: Check = { waiting: [{ ping, onAnswer }], end: new AbortController() };
    this.#underWay.set(key, check);
    void this.#ask(server, secret, check.end.signal).then((identity) => {
      this.#underWay.delete(key);
      check.end.abort();
      for (const each of check.waiting) each.onAnswer(identity !== undefined && confirms(identity, each.ping));
    });
  }

  #hasPlace(server: string, isKnown: boolean): boolean {
    const ofServer = [...this.#underWay.values()].filter(({ waiting: [first] }) => first?.ping.server === server);
    return ofServer.length < MOST_PER_SERVER && this.#underWay.size < (isKnown ? MOST_AT_ONCE : MOST_AT_ONCE - KEPT);
  }

  /** Aborts the checks under way. */
  close(): void {
    for (const { end } of this.#underWay.values()) end.abort();
  }

  /** Resolves with the first answer; undefined if a request fails, or no answer comes in time. */
  #ask(server: string, secret: string, signal: AbortSignal): Promise<Identity | undefined> {
    const { clock } = this.#world;
    const until = clock.now() + this.#times.timeoutMs;
    let timer: Timer | undefined;
    signal.addEventListener('abort', () => timer?.cancel());
    return new Promise((resolve, reject) => {
      const ask = (pauseMs: number) => {
        const timeoutMs = until - clock.now();
        this.#call(server, secret, { timeoutMs, signal, once: true }).then(resolve, reject);
        if (pauseMs < timeoutMs) timer = clock.after(pauseMs, () => ask(2 * pauseMs));
      };
      ask(this.#times.askAgainMs);
    });
  }

  async #call(server: string, secret: string, options: CallOptions): Promise<Identity | undefined> {
    try {
      return identityOf(await this.#world.transport.call(server, 'kv.identity', { secret }, options));
    } catch (error) {
      if (!(error instanceof UnderstudyError)) throw error;
      return undefined;
    }
  }
}

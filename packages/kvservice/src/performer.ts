/**
 * Carries out the effects of a replica, in order: sends messages and answers, writes to disk, asks monitors and
 * servers.
 *
 * This is where the pure core meets I/O. Every outcome that the core waits for returns to it as an event. A read under
 * a lease is checked against the clock once more just before its answer leaves (L3).
 */
import { type Address, malformed, type Refused, type Reply, UnderstudyError, unreachable } from '@understudy/rpc';
import { type Identity, identityOf, type View } from '@understudy/sysmonitor';
import type { Caller } from './client/caller.ts';
import type { Effect, ReplicaNotice } from './core/effect.ts';
import type { Event, Instant } from './core/event.ts';
import type { Answer, Message, Prepare } from './core/message.ts';
import type { Persist } from './core/persist.ts';
import { packEntries } from './packed.ts';
import { readAnswer, staleView } from './peer-params.ts';
import { reply } from './reply.ts';

export interface PerformerParts {
  readonly caller: Caller;
  /** How long to wait for a server that is asked who it is, in milliseconds. */
  readonly identityPatienceMs: number;
  readonly instant: () => Instant;
  readonly step: (event: Event) => void;
  readonly persist: (write: Persist) => void;
  readonly ping: () => void;
  /** Returns the monitor's view; rejects if there is none. */
  readonly view: () => Promise<View>;
  readonly notice: (notice: Exclude<ReplicaNotice, Refused>) => void;
  readonly refused: (refused: Refused) => void;
  readonly left: (left: Effect & { readonly kind: 'left' }) => void;
}

export class Performer {
  readonly #parts: PerformerParts;

  constructor(parts: PerformerParts) {
    this.#parts = parts;
  }

  perform(effects: readonly Effect[]): void {
    let at: Instant | undefined;
    for (const effect of effects) {
      switch (effect.kind) {
        case 'leased':
          // The value was read before the clock (L3), so a lease that expired meanwhile gives no answer.
          at ??= this.#parts.instant();
          if (at.now < effect.until.now && at.wall < effect.until.wall)
            (effect.read.requester as Reply).result(effect.result);
          else this.#parts.step(effect.read);
          break;
        case 'result':
        case 'failure':
        case 'answer':
          reply(effect);
          break;
        case 'send':
          this.#send(effect.to, effect.message, effect.patienceMs);
          break;
        case 'persist':
          this.#parts.persist(effect);
          break;
        case 'ask-monitor':
          void this.#askMonitor(effect.number);
          break;
        case 'ask-server':
          void this.#askServer(effect);
          break;
        case 'ping':
          this.#parts.ping();
          break;
        case 'notice':
          if (effect.notice.kind === 'message-refused') this.#parts.refused(effect.notice);
          else this.#parts.notice(effect.notice);
          break;
        case 'left':
          this.#parts.left(effect);
          break;
      }
    }
  }

  /** Sends a message. The replica is always told the outcome, because it expects one answer to each message. */
  #send(to: Address, message: Message, timeoutMs: number): void {
    const { kind, number } = message;
    const method = `kv.${kind}`;
    const patience = { timeoutMs, signal: undefined, lane: laneOf(message) };
    // Two callbacks and one promise keep this cheap: a client with one write in progress causes one message per write.
    void this.#parts.caller.call(to, method, paramsOf(message), patience).then(
      (result) =>
        this.#tell(
          to,
          number,
          this.#read(to, method, () => readAnswer(kind, result)),
        ),
      (error) => {
        if (!(error instanceof UnderstudyError)) throw error;
        const view = this.#read(to, method, () => staleView(error));
        this.#tell(to, number, view === undefined ? undefined : { kind: 'stale', view });
      },
    );
  }

  /** `answer` is undefined if there was none, or none that could be read. */
  #tell(from: Address, number: number, answer: Answer | undefined): void {
    const { step } = this.#parts;
    if (answer !== undefined) step({ kind: 'answer', from, number, answer });
    if (answer === undefined || answer.kind === 'stale') step({ kind: 'unanswered', to: from, number });
  }

  async #askMonitor(number: number): Promise<void> {
    const { view, step } = this.#parts;
    const told = await view().catch((error) => {
      if (!(error instanceof UnderstudyError)) throw error;
      return undefined;
    });
    step({ kind: 'monitor-told', number, view: told });
  }

  async #askServer({ number, server, secret }: Effect & { kind: 'ask-server' }): Promise<void> {
    const { caller, identityPatienceMs: timeoutMs, step } = this.#parts;
    let identity: Identity | undefined;
    try {
      const result = await caller.call(server, 'kv.identity', { secret }, { timeoutMs, signal: undefined, once: true });
      identity = this.#read(server, 'kv.identity', () => identityOf(result));
    } catch (error) {
      if (!(error instanceof UnderstudyError)) throw error;
    }
    step({ kind: 'server-told', number, identity });
  }

  #read<T>(from: Address, method: string, read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof UnderstudyError)) throw error;
      this.#parts.refused(malformed(method, from, error.message));
      return undefined;
    }
  }
}

/**
 * Large messages have a connection of their own, and small ones another, so a heartbeat never waits behind a large
 * message (V13).
 */
function laneOf(message: Message): string {
  switch (message.kind) {
    case 'prepare':
      return message.entries.length > 0 || message.large !== undefined ? 'bulk' : 'signs';
    case 'piece':
    case 'chunk':
      return 'bulk';
    case 'release':
    case 'position':
      return 'signs';
    default:
      return unreachable(message);
  }
}

/** The message as it is sent. */
function paramsOf(message: Message): object {
  if (message.kind === 'prepare') return prepareParams(message);
  const { kind: _, ...params } = message;
  return params;
}

/** JSON omits undefined fields. */
function prepareParams(prepare: Prepare): object {
  const { server, incarnation, secret, cluster, to, viewnum, number, view, previous, entries, large, commit } = prepare;
  const packed = packEntries(entries);
  return { server, incarnation, secret, cluster, to, viewnum, number, view, previous, entries: packed, large, commit };
}

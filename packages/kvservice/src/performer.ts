/** Carries out what a replica wants done, in order. */
import { type Address, type Reply, UnderstudyError } from '@understudy/rpc';
import type { Caller } from './client/caller.ts';
import type { Effect, ReplicaNotice } from './core/effect.ts';
import type { Event, Instant } from './core/event.ts';
import type { Message, Prepare } from './core/message.ts';
import type { Persist } from './core/persist.ts';
import { packEntries } from './packed.ts';
import { readAnswer, staleView } from './peer-params.ts';
import { reply } from './reply.ts';

export interface PerformerParts {
  readonly caller: Caller;
  /** Milliseconds that a message to another server waits for its answer. */
  readonly patienceMs: number;
  readonly instant: () => Instant;
  readonly step: (event: Event) => void;
  readonly persist: (write: Persist) => void;
  readonly ping: () => void;
  readonly notice: (notice: ReplicaNotice) => void;
  readonly left: (lost: string) => void;
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
          // The value was read before the clock (L3): a lease that ran out meanwhile answers nothing.
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
          void this.#send(effect.to, effect.message);
          break;
        case 'persist':
          this.#parts.persist(effect);
          break;
        case 'ping':
          this.#parts.ping();
          break;
        case 'notice':
          this.#parts.notice(effect.notice);
          break;
        case 'left':
          this.#parts.left(effect.lost);
          break;
      }
    }
  }

  async #send(to: Address, message: Message): Promise<void> {
    const { caller, patienceMs, step } = this.#parts;
    const { number } = message;
    try {
      const patience = { timeoutMs: patienceMs, signal: undefined };
      const result = await caller.call(to, `kv.${message.kind}`, paramsOf(message), patience);
      step({ kind: 'answer', from: to, number, answer: readAnswer(result) });
    } catch (error) {
      if (!(error instanceof UnderstudyError)) throw error;
      const view = staleView(error);
      if (view !== undefined) step({ kind: 'answer', from: to, number, answer: { kind: 'stale', view } });
      step({ kind: 'unanswered', to, number });
    }
  }
}

/** As it goes over the wire. */
function paramsOf(message: Message): object {
  if (message.kind === 'prepare') return prepareParams(message);
  const { kind: _, ...params } = message;
  return params;
}

/** JSON leaves out a view that is undefined. */
function prepareParams({ server, incarnation, viewnum, number, view, previous, entries, commit }: Prepare): object {
  return { server, incarnation, viewnum, number, view, previous, entries: packEntries(entries), commit };
}

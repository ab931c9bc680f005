/** Sessions: the remembered results by which every operation takes effect at most once (S1-S5; RIFL; Raft dissertation 6.3). */
import type { Origin } from '../contract.ts';
import { type Operation, type Outcome, textOf } from './operation.ts';
import { OrderedMap } from './ordered-map.ts';
import { Remembered } from './remembered.ts';

export interface Session {
  readonly client: string;
  /** The client has the result of every seq up to and including this one. */
  readonly acked: number;
  readonly results: ReadonlyMap<number, Remembered>;
}

interface LiveSession extends Session {
  acked: number;
  results: Map<number, Remembered>;
  /** The generation that may change this record in place; an older one belongs to a snapshot too, or to changes that were taken. */
  generation: number;
}

export class Sessions {
  readonly #sessions: OrderedMap<LiveSession>;
  /** Sessions changed since `takeChanges`, where somebody wants to know. */
  #changed: Set<string> | undefined;
  #generation = 0;
  #remembered = 0;
  /** Sessions that may still keep whole operations, and how many UTF-16 units those had when they came. */
  readonly #keepers = new Set<LiveSession>();
  #lastKeeper: LiveSession | undefined = undefined;
  #keptUnits = 0;

  constructor(sessions = new OrderedMap<LiveSession>(), remembered = 0, generation = 0) {
    this.#sessions = sessions;
    this.#remembered = remembered;
    this.#generation = generation;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** Results that are kept, over all sessions. */
  get remembered(): number {
    return this.#remembered;
  }

  /** From now on `takeChanges` says what has changed. */
  trackChanges(): void {
    this.#changed = new Set();
    this.#generation += 1;
  }

  /** How many have changed since `takeChanges`. */
  get changed(): number {
    return this.#changed?.size ?? 0;
  }

  /** What has changed since the last time, as it is now; null: it has ended. */
  takeChanges(): readonly (readonly [id: string, session: Session | null])[] {
    const changes = [...(this.#changed ?? [])].map((id) => [id, this.#sessions.get(id) ?? null] as const);
    this.#changed?.clear();
    this.#generation += 1;
    return changes;
  }

  get(id: string): Session | undefined {
    return this.#sessions.get(id);
  }

  open(id: string, client: string): void {
    this.put(id, { client, acked: 0, results: new Map() });
  }

  /** Puts a whole session in its place, as a state transfer does. */
  put(id: string, session: Session): void {
    this.expire(id);
    this.#changed?.add(id);
    this.#sessions.set(id, liveCopy(session, this.#generation));
    this.#remembered += session.results.size;
  }

  expire(id: string): boolean {
    this.#changed?.add(id);
    this.#remembered -= this.#sessions.get(id)?.results.size ?? 0;
    return this.#sessions.delete(id);
  }

  /** What is to be answered without executing anything; undefined: this seq is new (S3). */
  recall(origin: Origin, operation: Operation): Outcome | undefined {
    const session = this.#sessions.get(origin.session);
    if (session === undefined) return refused('SESSION_UNKNOWN', 'this session expired or was never opened');
    if (origin.seq <= session.acked) {
      return refused('RESULT_DROPPED', 'this operation was acknowledged before; its result is gone');
    }
    const remembered = session.results.get(origin.seq);
    return remembered === undefined || remembered.isOf(operation) ? remembered?.outcome : OF_ANOTHER_OPERATION;
  }

  /** Drops what the client has (S2). */
  acknowledge(origin: Origin): void {
    const known = this.#sessions.get(origin.session);
    if (known === undefined || origin.acked <= known.acked) return;
    const session = this.#own(origin.session, known);
    const before = session.results.size;
    if (origin.acked - session.acked <= before) {
      for (let seq = session.acked + 1; seq <= origin.acked; seq++) session.results.delete(seq);
    } else {
      for (const seq of session.results.keys()) if (seq <= origin.acked) session.results.delete(seq);
    }
    session.acked = origin.acked;
    this.#remembered += session.results.size - before;
  }

  remember(origin: Origin, operation: Operation, outcome: Outcome): void {
    const known = this.#sessions.get(origin.session);
    if (known === undefined) return;
    const session = this.#own(origin.session, known);
    if (!session.results.has(origin.seq)) this.#remembered += 1;
    session.results.set(origin.seq, new Remembered(outcome, operation));
    if (session !== this.#lastKeeper) this.#keepers.add((this.#lastKeeper = session));
    this.#keptUnits += KEEPING_UNITS + textOf(operation);
    if (this.#keptUnits > MOST_KEPT_UNITS) this.#forgetOperations();
  }

  /** The sessions of this moment; both go on apart. */
  snapshot(): Sessions {
    this.#generation += 1;
    return new Sessions(this.#sessions.snapshot(), this.#remembered, this.#generation);
  }

  all(): IterableIterator<[string, Session]> {
    return this.#sessions.ascending();
  }

  /** Most operations are acknowledged by now, and their results gone: only of the rest a digest has to be made. */
  #forgetOperations(): void {
    for (const { results } of this.#keepers) for (const remembered of results.values()) remembered.forgetOperation();
    this.#keepers.clear();
    this.#lastKeeper = undefined;
    this.#keptUnits = 0;
  }

  /** The session's record, noted as changed and copied first where somebody shares it: of this generation it is both already. */
  #own(id: string, session: LiveSession): LiveSession {
    if (session.generation === this.#generation) return session;
    this.#changed?.add(id);
    const copy = liveCopy(session, this.#generation);
    this.#sessions.set(id, copy);
    return copy;
  }
}

/** What an operation counts for without its texts. */
const KEEPING_UNITS = 64;
/** UTF-16 units of operations that are kept whole: so many take some milliseconds to make digests of. */
const MOST_KEPT_UNITS = 2 * 1024 * 1024;

const OF_ANOTHER_OPERATION: Outcome = {
  kind: 'refused',
  failure: 'INVALID_PARAMS',
  message: 'seq: another operation of this session had this number: this one is not done',
  field: 'seq',
};

/** No spread: V8 would give the copies shapes of their own, and compile anew what handles sessions whenever there is another. */
function liveCopy({ client, acked, results }: Session, generation: number): LiveSession {
  return { client, acked, results: new Map(results), generation };
}

function refused(failure: 'SESSION_UNKNOWN' | 'RESULT_DROPPED', message: string): Outcome {
  return { kind: 'refused', failure, message };
}

/**
 * Sessions: the remembered results by which every operation takes effect at most once (S1-S5; RIFL; Raft dissertation 6.3).
 *
 * A result may hold a whole value (the previous one, or the one that a cas found). These texts are bounded, for each session and for all
 * together, by fixed numbers and by the order of the log alone, so that every server drops the same ones (S9).
 */
import type { Origin } from '../contract.ts';
import type { MachineLimits } from './config.ts';
import type { MapSnapshot } from './map-snapshot.ts';
import { type Operation, type Outcome, tellsValue, textOf } from './operation.ts';
import { OrderedMap } from './ordered-map.ts';
import { Remembered } from './remembered.ts';
import { OF_ANOTHER_OPERATION, refused, TEXT_DROPPED } from './session-refusals.ts';

/** Of the bound, what is left after texts were dropped: dropping looks at every session, so it must not come with every operation. */
const KEPT = 3 / 4;

export interface Session {
  readonly client: string;
  /** The client has the result of every seq up to and including this one. */
  readonly acked: number;
  readonly results: ReadonlyMap<number, Remembered>;
  /** Index of the entry that last left a result with text here; 0: none did. */
  readonly textAt: number;
}

interface LiveSession extends Session {
  acked: number;
  results: Map<number, Remembered>;
  textAt: number;
  /** UTF-16 units of text in the results. */
  textUnits: number;
  /** The generation that may change this record in place; an older one belongs to a snapshot too, or to changes that were taken. */
  generation: number;
}

export class Sessions {
  readonly #limits: MachineLimits;
  readonly #sessions = new OrderedMap<LiveSession>();
  /** Sessions changed since `takeChanges`, where somebody wants to know. */
  #changed: Set<string> | undefined;
  #generation = 0;
  #remembered = 0;
  #textUnits = 0;
  /** Sessions that may still keep whole operations, and how many UTF-16 units those had when they came. */
  readonly #keepers = new Set<LiveSession>();
  #lastKeeper: LiveSession | undefined = undefined;
  #keptUnits = 0;
  /** Sessions in which nothing was ever done, the oldest first. */
  readonly #unused = new Set<string>();
  /** What was looked for last: an operation looks for its session several times, and so do those that come with it. */
  #lastId = '';
  #last: LiveSession | undefined = undefined;

  constructor(limits: MachineLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** Results that are kept, over all sessions. */
  get remembered(): number {
    return this.#remembered;
  }

  /** UTF-16 units of text in all remembered results. */
  get textUnits(): number {
    return this.#textUnits;
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
    return this.#find(id);
  }

  open(id: string, client: string): void {
    this.put(id, { client, acked: 0, results: new Map(), textAt: 0 });
  }

  /** Puts a whole session in its place, as a state transfer does. */
  put(id: string, session: Session): void {
    this.expire(id);
    this.#changed?.add(id);
    const live = liveCopy({ ...session, textUnits: 0 }, this.#generation);
    for (const { textUnits } of session.results.values()) live.textUnits += textUnits;
    this.#set(id, live);
    if (isUnused(session)) this.#unused.add(id);
    this.#remembered += session.results.size;
    this.#textUnits += live.textUnits;
  }

  expire(id: string): boolean {
    this.#changed?.add(id);
    this.#unused.delete(id);
    const session = this.#find(id);
    this.#last = undefined;
    this.#remembered -= session?.results.size ?? 0;
    this.#textUnits -= session?.textUnits ?? 0;
    return this.#sessions.delete(id);
  }

  /**
   * The oldest session in which nothing was ever done, to be ended for a new one: each is given once. `isBusy`: an operation of that
   * session may be under way.
   */
  takeUnused(isBusy: (id: string) => boolean): string | undefined {
    let looked = 0;
    for (const id of this.#unused) {
      if (!isBusy(id)) {
        this.#unused.delete(id);
        return id;
      }
      if (++looked === MOST_LOOKED_AT) return undefined;
    }
    return undefined;
  }

  /** What is to be answered without executing anything; undefined: this seq is new (S3). */
  recall(origin: Origin, operation: Operation): Outcome | undefined {
    const session = this.#find(origin.session);
    if (session === undefined) return refused('SESSION_UNKNOWN', 'this session expired or was never opened');
    if (origin.seq <= session.acked) {
      return refused('RESULT_DROPPED', 'this operation was acknowledged before; its result is gone');
    }
    const remembered = session.results.get(origin.seq);
    return remembered === undefined || remembered.isOf(operation)
      ? remembered?.outcomeOf(operation)
      : OF_ANOTHER_OPERATION;
  }

  /**
   * Whether the session may remember a result with so much text: what does not fit is not executed (S9). The first operation that its client
   * has not confirmed always fits: what came after it cannot be confirmed before it, and would keep it out for ever.
   */
  hasRoom(origin: Origin, units: number): boolean {
    if (units === 0) return true;
    const session = this.#find(origin.session);
    if (session === undefined || session.textUnits === 0) return true;
    return origin.seq === session.acked + 1 || session.textUnits + units <= this.#limits.sessionTextUnits;
  }

  /** A session that holds more text than it may (S9); undefined: there is none. Looks at every session and result. */
  overfull(): string | undefined {
    if (this.#textUnits <= this.#limits.sessionTextUnits) return undefined;
    for (const [id, { acked, results }] of this.#sessions.ascending()) {
      const texts = [...results].filter(([seq]) => seq !== acked + 1).map(([, result]) => result.textUnits);
      const units = texts.reduce((sum, each) => sum + each, 0);
      if (units > this.#limits.sessionTextUnits && texts.filter((each) => each > 0).length > 1) return id;
    }
    return undefined;
  }

  /** Drops what the client has (S2). */
  acknowledge(origin: Origin): void {
    const known = this.#find(origin.session);
    if (known === undefined || origin.acked <= known.acked) return;
    const session = this.#own(origin.session, known);
    if (origin.acked - session.acked <= session.results.size) {
      for (let seq = session.acked + 1; seq <= origin.acked; seq++) this.#forget(session, seq);
    } else {
      for (const seq of session.results.keys()) if (seq <= origin.acked) this.#forget(session, seq);
    }
    session.acked = origin.acked;
  }

  /** `index`: of the entry that came to this. */
  remember(origin: Origin, operation: Operation, outcome: Outcome, index: number): void {
    const known = this.#find(origin.session);
    if (known === undefined) return;
    const session = this.#own(origin.session, known);
    const remembered = new Remembered(outcome, operation);
    if (isUnused(session)) this.#unused.delete(origin.session);
    if (session.results.has(origin.seq)) this.#forget(session, origin.seq);
    session.results.set(origin.seq, remembered);
    this.#remembered += 1;
    if (session !== this.#lastKeeper) this.#keepers.add((this.#lastKeeper = session));
    this.#keptUnits += KEEPING_UNITS + textOf(operation);
    if (this.#keptUnits > MOST_KEPT_UNITS) this.#forgetOperations();
    if (tellsValue(operation)) this.#noteText(origin.session, session, remembered.textUnits, index);
  }

  /** The sessions of this moment, to be read. Whoever takes it must release it. */
  snapshot(): MapSnapshot<Session> {
    this.#generation += 1;
    return this.#sessions.snapshot();
  }

  /** Snapshots that nobody has released yet. */
  get snapshots(): number {
    return this.#sessions.snapshots;
  }

  /** Those in which something was done. */
  *used(): IterableIterator<string> {
    for (const [id, session] of this.#sessions.ascending()) if (!isUnused(session)) yield id;
  }

  all(): IterableIterator<[string, Session]> {
    return this.#sessions.ascending();
  }

  #find(id: string): LiveSession | undefined {
    if (this.#last !== undefined && id === this.#lastId) return this.#last;
    this.#lastId = id;
    this.#last = this.#sessions.get(id);
    return this.#last;
  }

  #set(id: string, session: LiveSession): void {
    this.#sessions.set(id, session);
    this.#lastId = id;
    this.#last = session;
  }

  #forget(session: LiveSession, seq: number): void {
    if (session.textUnits > 0) {
      const units = session.results.get(seq)?.textUnits ?? 0;
      session.textUnits -= units;
      this.#textUnits -= units;
    }
    if (session.results.delete(seq)) this.#remembered -= 1;
  }

  #noteText(id: string, session: LiveSession, units: number, index: number): void {
    if (units === 0) return;
    session.textAt = index;
    session.textUnits += units;
    this.#textUnits += units;
    if (this.#textUnits > this.#limits.allTextUnits) this.#dropTexts(id);
  }

  /** Of all sessions but `except`, those go first that have got no result with text for the longest time (S9). */
  #dropTexts(except: string): void {
    const holders = [...this.#sessions.ascending()].filter(([id, { textUnits }]) => textUnits > 0 && id !== except);
    holders.sort(([, one], [, other]) => one.textAt - other.textAt);
    for (const [id, known] of holders) {
      if (this.#textUnits <= KEPT * this.#limits.allTextUnits) return;
      const session = this.#own(id, known);
      for (const [seq, result] of session.results)
        if (result.textUnits > 0) session.results.set(seq, result.replacedBy(TEXT_DROPPED));
      this.#textUnits -= session.textUnits;
      session.textUnits = 0;
    }
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
    this.#set(id, copy);
    return copy;
  }
}

/** Sessions whose first operation is under way are few, and the oldest of those that are not used. */
const MOST_LOOKED_AT = 64;

function isUnused({ acked, results }: Session): boolean {
  return acked === 0 && results.size === 0;
}

/** What an operation counts for without its texts. */
const KEEPING_UNITS = 64;
/** UTF-16 units of operations that are kept whole: so many take some milliseconds to make digests of. */
const MOST_KEPT_UNITS = 2 * 1024 * 1024;

/** No spread: V8 would give the copies shapes of their own, and compile anew what handles sessions whenever there is another. */
function liveCopy(session: Session & { readonly textUnits?: number }, generation: number): LiveSession {
  const { client, acked, results, textAt, textUnits = 0 } = session;
  return { client, acked, results: new Map(results), textAt, textUnits, generation };
}

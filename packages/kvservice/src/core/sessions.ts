/**
 * Client sessions: the remembered results that make each operation take effect at most once (S1-S5; RIFL; Raft
 * dissertation 6.3). A result may hold a whole value: the previous one, or the one that a cas found. The size of these
 * values is bounded, per session and overall. What is dropped depends only on fixed numbers and the order of the log,
 * so every server drops the same values (S9).
 */
import type { Origin } from '../contract.ts';
import type { MachineLimits } from './config.ts';
import type { MapSnapshot } from './map-snapshot.ts';
import { type Operation, type Outcome, tellsValue, textOf } from './operation.ts';
import { OrderedMap } from './ordered-map.ts';
import { Remembered } from './remembered.ts';
import { OF_ANOTHER_OPERATION, refused, TEXT_DROPPED } from './session-refusals.ts';

/** The share of the bound that is left after values are dropped. A drop scans all sessions, so it must be rare. */
const KEPT = 3 / 4;

export interface Session {
  readonly client: string;
  /** The client has the results of all seqs up to and including this one. */
  readonly acked: number;
  readonly results: ReadonlyMap<number, Remembered>;
  /** The index of the last entry that left a result with a value here; 0 if none did. */
  readonly textAt: number;
}

interface LiveSession extends Session {
  acked: number;
  results: Map<number, Remembered>;
  textAt: number;
  /** The UTF-16 units of the values in the results. */
  textUnits: number;
  /** The generation that may change this record in place. Snapshots and taken changes share older ones. */
  generation: number;
}

export class Sessions {
  readonly #limits: MachineLimits;
  readonly #sessions = new OrderedMap<LiveSession>();
  /** Sessions changed since `takeChanges`; undefined if changes are not tracked. */
  #changed: Set<string> | undefined;
  #generation = 0;
  #remembered = 0;
  #textUnits = 0;
  /** Sessions whose results may still keep whole operations, and the UTF-16 units of those operations. */
  readonly #keepers = new Set<LiveSession>();
  #lastKeeper: LiveSession | undefined = undefined;
  #keptUnits = 0;
  /** Sessions without any operation so far, the oldest first. */
  readonly #unused = new Set<string>();
  /** The last lookup: each operation looks up its session several times, and so do those that arrive with it. */
  #lastId = '';
  #last: LiveSession | undefined = undefined;

  constructor(limits: MachineLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** The number of remembered results in all sessions. */
  get remembered(): number {
    return this.#remembered;
  }

  /** The UTF-16 units of the values in all remembered results. */
  get textUnits(): number {
    return this.#textUnits;
  }

  /** Starts tracking changes for `takeChanges`. */
  trackChanges(): void {
    this.#changed = new Set();
    this.#generation += 1;
  }

  /** The number of sessions changed since `takeChanges`. */
  get changed(): number {
    return this.#changed?.size ?? 0;
  }

  /** Returns the sessions changed since the last call, in their present state; null if the session has ended. */
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

  /** Stores a whole session, as a state transfer does. */
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
   * Returns the oldest session without any operation, to be ended for a new one. Each is returned once. `isBusy` says
   * whether an operation of a session may be in progress.
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

  /** The answer to an operation that must not be executed (again); undefined if this seq is new (S3). */
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
   * Whether the session may remember a result with so many units of values; if not, the operation is not executed (S9).
   * The first unconfirmed operation always fits: later ones cannot be confirmed before it and would block it.
   */
  hasRoom(origin: Origin, units: number): boolean {
    if (units === 0) return true;
    const session = this.#find(origin.session);
    if (session === undefined || session.textUnits === 0) return true;
    return origin.seq === session.acked + 1 || session.textUnits + units <= this.#limits.sessionTextUnits;
  }

  /** Returns a session whose values exceed the bound (S9), or undefined. Scans every session and result. */
  overfull(): string | undefined {
    if (this.#textUnits <= this.#limits.sessionTextUnits) return undefined;
    for (const [id, { acked, results }] of this.#sessions.ascending()) {
      const texts = [...results].filter(([seq]) => seq !== acked + 1).map(([, result]) => result.textUnits);
      const units = texts.reduce((sum, each) => sum + each, 0);
      if (units > this.#limits.sessionTextUnits && texts.filter((each) => each > 0).length > 1) return id;
    }
    return undefined;
  }

  /** Drops the results that the client has confirmed (S2). */
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

  /** @param index The index of the entry that was executed. */
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

  /** Takes a snapshot of all sessions. The caller must release it. */
  snapshot(): MapSnapshot<Session> {
    this.#generation += 1;
    return this.#sessions.snapshot();
  }

  /** The number of snapshots that are not released yet. */
  get snapshots(): number {
    return this.#sessions.snapshots;
  }

  /** The sessions that have had an operation. */
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

  /** Drops values, except those of `except`: first of sessions that got none for the longest time (S9). */
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

  /** Replaces kept operations by digests. Most are acknowledged and gone by now, so few digests are needed. */
  #forgetOperations(): void {
    for (const { results } of this.#keepers) for (const remembered of results.values()) remembered.forgetOperation();
    this.#keepers.clear();
    this.#lastKeeper = undefined;
    this.#keptUnits = 0;
  }

  /** Returns a record that may be changed: one of this generation, or a copy that is noted as changed. */
  #own(id: string, session: LiveSession): LiveSession {
    if (session.generation === this.#generation) return session;
    this.#changed?.add(id);
    const copy = liveCopy(session, this.#generation);
    this.#set(id, copy);
    return copy;
  }
}

/** The most sessions to scan. Sessions whose first operation is in progress are few, and the oldest unused ones. */
const MOST_LOOKED_AT = 64;

function isUnused({ acked, results }: Session): boolean {
  return acked === 0 && results.size === 0;
}

/** The cost of a kept operation besides its texts. */
const KEEPING_UNITS = 64;
/** The bound on kept operations, in UTF-16 units. Making digests of that many takes some milliseconds. */
const MOST_KEPT_UNITS = 2 * 1024 * 1024;

/** No spread: V8 would give the copies another shape, and recompile the code that handles sessions. */
function liveCopy(session: Session & { readonly textUnits?: number }, generation: number): LiveSession {
  const { client, acked, results, textAt, textUnits = 0 } = session;
  return { client, acked, results: new Map(results), textAt, textUnits, generation };
}

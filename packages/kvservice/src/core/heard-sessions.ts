/**
 * The sessions that a primary has heard of, with time and client address. When the table of sessions is full, this
 * chooses the session that makes room: one of the address with the most sessions, which has been idle for long (S5).
 *
 * The sessions of an address form a queue. A session heard of since it joined moves to the end only when the search
 * reaches it, so an operation moves nothing, and a chosen session was idle for at least one pass through the queue.
 * Each search is bounded, because a client may ask for a session a thousand times in one turn.
 *
 * Only the primary has this knowledge. Applying an entry never depends on it: the entry itself names the session that
 * ends (R5).
 */

interface Heard {
  /** When the session was last heard of. */
  ms: number;
  /** The value of `ms` when the session joined the end of the queue. */
  queuedMs: number;
  /** The index of its last operation in the log. */
  through: number;
  readonly from: string;
}

/** The most sessions that one search looks at. */
const MOST_LOOKED_AT = 64;
/** The queues of all addresses are compared again after this many searches. */
const RECOUNT_AFTER = 1_024;

export class HeardSessions {
  readonly #sessions = new Map<string, Heard>();
  /**
   * Opening times of sessions without an operation so far. They are in no queue, because they make room before all
   * others (S5).
   */
  readonly #openedMs = new Map<string, number>();
  /** Sessions whose end is in the log but not committed yet. They are not ended a second time (S5). */
  readonly #ending = new Set<string>();
  /** The queues, by client address. */
  readonly #queues = new Map<string, Set<string>>();
  /** The longest queue at the last comparison, or one that has grown longer since. */
  #longest: Set<string> | undefined;
  #asked = 0;
  #isWhole = false;

  /** @param from The address of the client's machine; "" if unknown. The first address of a session stays with it. */
  hear(session: string, from: string, now: number): void {
    const heard = this.#sessions.get(session);
    if (heard !== undefined) heard.ms = now;
    else if (!this.#ending.has(session)) this.#add(session, { ms: now, queuedMs: now, through: 0, from });
  }

  /** The session was opened. If it is never used, its time to live runs from here. */
  open(session: string, now: number): void {
    this.#openedMs.set(session, now);
  }

  /** The end of the session is in the log. Its later operations will be refused. */
  noteEnding(session: string): void {
    this.#forget(session);
    this.#ending.add(session);
  }

  isEnding(session: string): boolean {
    return this.#ending.has(session);
  }

  /** The session has ended. */
  noteEnded(session: string): void {
    this.#forget(session);
    this.#ending.delete(session);
  }

  /** An operation of the session is in the log at `index`. */
  noteEntry(session: string, index: number): void {
    const heard = this.#sessions.get(session);
    if (heard !== undefined) heard.through = index;
  }

  has(session: string): boolean {
    return this.#sessions.has(session);
  }

  /** Undefined if the session was neither opened nor used while this server was primary. */
  whenHeard(session: string): number | undefined {
    return this.#sessions.get(session)?.ms ?? this.#openedMs.get(session);
  }

  countOf(from: string): number {
    return this.#queues.get(from)?.size ?? 0;
  }

  forgetBefore(ms: number): void {
    for (const [session, heard] of this.#sessions) if (heard.ms < ms) this.#forget(session);
    for (const [session, openedMs] of this.#openedMs) if (openedMs < ms) this.#openedMs.delete(session);
  }

  /** Adds the sessions of former primaries, with an unknown address. Does this once. */
  adopt(sessions: Iterable<string>, sinceMs: number): void {
    if (this.#isWhole) return;
    this.#isWhole = true;
    for (const session of sessions) {
      if (!this.has(session) && !this.isEnding(session))
        this.#add(session, { ms: sinceMs, queuedMs: sinceMs, through: 0, from: '' });
    }
  }

  /**
   * Returns a session to be ended for a new one: one of `from`, or of the address with the most if `from` is undefined.
   * The session was not heard of since `beforeMs`, and all its operations are committed.
   */
  takeIdle(from: string | undefined, beforeMs: number, committed: number): string | undefined {
    const queue = from === undefined ? this.#longestQueue() : this.#queues.get(from);
    for (let looked = 0; looked < MOST_LOOKED_AT; looked++) {
      const session = queue?.values().next().value;
      const heard = session === undefined ? undefined : this.#sessions.get(session);
      if (queue === undefined || session === undefined || heard === undefined) return undefined;
      if (heard.ms === heard.queuedMs && heard.ms >= beforeMs) return undefined; // the sessions after it are not older
      if (heard.ms === heard.queuedMs && heard.through <= committed) {
        this.noteEnding(session);
        return session;
      }
      heard.queuedMs = heard.ms;
      queue.delete(session);
      queue.add(session);
    }
    return undefined;
  }

  #forget(session: string): void {
    this.#openedMs.delete(session);
    const heard = this.#sessions.get(session);
    if (heard === undefined) return;
    this.#sessions.delete(session);
    const queue = this.#queues.get(heard.from);
    queue?.delete(session);
    if (queue?.size === 0) this.#queues.delete(heard.from);
  }

  #add(session: string, heard: Heard): void {
    this.#sessions.set(session, heard);
    this.#openedMs.delete(session);
    let queue = this.#queues.get(heard.from);
    if (queue === undefined) this.#queues.set(heard.from, (queue = new Set()));
    queue.add(session);
    if (queue.size > (this.#longest?.size ?? 0)) this.#longest = queue;
  }

  /** Compares all queues only rarely, because there may be as many addresses as sessions. */
  #longestQueue(): Set<string> | undefined {
    if (this.#asked++ % RECOUNT_AFTER === 0) {
      for (const queue of this.#queues.values()) if (queue.size > (this.#longest?.size ?? 0)) this.#longest = queue;
    }
    return this.#longest?.size ? this.#longest : this.#queues.values().next().value;
  }
}

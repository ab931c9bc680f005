/**
 * The sessions that a primary has heard of: when, and from which address. Where the table of sessions is full, it says
 * which session has to make room: one of the address that has the most, and of these one that has been idle for long
 * (S5).
 *
 * The sessions of an address stand in a queue. One that was heard of since it joined the queue goes to the end, once it
 * is looked at. So an operation moves nothing, and a session that is taken was not heard of for at least one way
 * through the queue. How many are looked at is bounded, because anybody may ask for a session a thousand times in one
 * turn.
 *
 * Only the primary knows this, and no entry of the log depends on it when it is applied: which session ends is what the
 * entry says (R5).
 */

interface Heard {
  /** When it was heard of last. */
  ms: number;
  /** What `ms` was when it joined the end of the queue. */
  queuedMs: number;
  /** Index of its last operation in the log. */
  through: number;
  readonly from: string;
}

/** Sessions that are looked at for one that asks. */
const MOST_LOOKED_AT = 64;
/** Times that a session was asked for, after which all addresses are counted again. */
const RECOUNT_AFTER = 1_024;

export class HeardSessions {
  readonly #sessions = new Map<string, Heard>();
  /**
   * When sessions were opened in which no operation has come yet. They are in no queue: they make room before all
   * others (S5).
   */
  readonly #openedMs = new Map<string, number>();
  /** Their end is in the log, and not committed yet: none is ended a second time meanwhile (S5). */
  readonly #ending = new Set<string>();
  /** By address. */
  readonly #queues = new Map<string, Set<string>>();
  /** The queue that was the longest when it was last looked for, or has grown longer since. */
  #longest: Set<string> | undefined;
  #asked = 0;
  #isWhole = false;

  /** @param from Address of the machine that the operation came from; "" where nobody knows. The first one counts. */
  hear(session: string, from: string, now: number): void {
    const heard = this.#sessions.get(session);
    if (heard !== undefined) heard.ms = now;
    else if (!this.#ending.has(session)) this.#add(session, { ms: now, queuedMs: now, through: 0, from });
  }

  /** The session was opened; the time of one that is never used runs from here. */
  open(session: string, now: number): void {
    this.#openedMs.set(session, now);
  }

  /** The end of the session is in the log: what comes in it from now on is refused. */
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

  /** Undefined: neither opened nor used while this server was primary. */
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

  /** Sessions of former primaries count too, as of an address that nobody knows. Looked through once. */
  adopt(sessions: Iterable<string>, sinceMs: number): void {
    if (this.#isWhole) return;
    this.#isWhole = true;
    for (const session of sessions) {
      if (!this.has(session) && !this.isEnding(session))
        this.#add(session, { ms: sinceMs, queuedMs: sinceMs, through: 0, from: '' });
    }
  }

  /**
   * A session that is to be ended for another one from now on: of `from`, or else of the address that has the
   * most. It was not heard of since `beforeMs`, and all of its operations are in the log up to `committed`.
   */
  takeIdle(from: string | undefined, beforeMs: number, committed: number): string | undefined {
    const queue = from === undefined ? this.#longestQueue() : this.#queues.get(from);
    for (let looked = 0; looked < MOST_LOOKED_AT; looked++) {
      const session = queue?.values().next().value;
      const heard = session === undefined ? undefined : this.#sessions.get(session);
      if (queue === undefined || session === undefined || heard === undefined) return undefined;
      if (heard.ms === heard.queuedMs && heard.ms >= beforeMs) return undefined; // those behind it are no older
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

  /** Counting all comes rarely: there may be as many addresses as sessions. */
  #longestQueue(): Set<string> | undefined {
    if (this.#asked++ % RECOUNT_AFTER === 0) {
      for (const queue of this.#queues.values()) if (queue.size > (this.#longest?.size ?? 0)) this.#longest = queue;
    }
    return this.#longest?.size ? this.#longest : this.#queues.values().next().value;
  }
}

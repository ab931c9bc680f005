/**
 * If the table of sessions is full, a new session takes the place of another one: a session that was never used or, if
 * there is none, one that was idle for a while (S5).
 *
 * The entry that ends a session to make room comes just before the entry that opens the new one. In doubt, this
 * invariant reports no violation: a session counts as used only if one of its operations is committed, and as never
 * used only if no server ever heard of it.
 */
import type { ReplicaInspection } from '@understudy/kvservice';
import type { Invariant, ObservedStep } from './invariant.ts';

/** The same values as in the server's session-places.ts. */
const CROWDED = 7 / 8;
const RECENT = 1 / 60;

export interface SessionPlacesParts {
  /** The number of places in the table. */
  readonly places: number;
  readonly ttlMs: number;
  readonly onRoomMade: () => void;
}

/** What one run of a server heard while it was primary without interruption. */
interface Tenure {
  readonly incarnation: string;
  readonly heardMs: Map<string, number>;
}

export class SessionPlaces implements Invariant {
  readonly property = 'a session makes room only in a full table, one that was never used first';
  readonly rules = 'S5';
  readonly #parts: SessionPlacesParts;
  readonly #tenures = new Map<string, Tenure>();
  readonly #used = new Set<string>();
  readonly #maybeUsed = new Set<string>();
  /** Sessions whose end is in some log. */
  readonly #ending = new Set<string>();

  constructor(parts: SessionPlacesParts) {
    this.#parts = parts;
  }

  onReplica(step: ObservedStep): string | undefined {
    const { replica, change, requests } = step;
    const heardBefore = this.#hear(step);
    if (change === undefined) return undefined;
    for (let index = change.committed.from; index <= change.committed.to; index++) {
      const session = replica.entryAt(index)?.origin?.session;
      if (session !== undefined) this.#used.add(session);
    }
    if (replica.role !== 'primary') return undefined;
    const closed = new Set(requests.map((request) => (request.kind === 'write' ? sessionEndedBy(request) : undefined)));
    for (let index = change.appended.from; index <= change.appended.to; index++) {
      const session = sessionRoomIsMadeOf(replica, index, change.appended.to);
      if (session === undefined || closed.has(session)) continue;
      this.#parts.onRoomMade();
      const wrong = this.#wrongWith(replica, session, heardBefore);
      this.#ending.add(session);
      if (wrong !== undefined) return `${replica.server} ends session ${session} for another one ${wrong}`;
    }
    return undefined;
  }

  /** Returns when each session was heard before this step. */
  #hear({ replica, requests }: ObservedStep): ReadonlyMap<string, number> {
    const { server, incarnation, role, now } = replica;
    if (role !== 'primary') this.#tenures.delete(server);
    let tenure = this.#tenures.get(server);
    if (tenure === undefined || tenure.incarnation !== incarnation) {
      tenure = { incarnation, heardMs: new Map() };
      if (role === 'primary') this.#tenures.set(server, tenure);
    }
    const before = new Map<string, number>();
    for (const request of requests) {
      const session = request.kind === 'write' ? request.origin?.session : undefined;
      if (session === undefined) continue;
      const heardMs = tenure.heardMs.get(session);
      if (heardMs !== undefined && !before.has(session)) before.set(session, heardMs);
      tenure.heardMs.set(session, now);
      this.#maybeUsed.add(session);
    }
    return before.size === 0 ? tenure.heardMs : new Map([...tenure.heardMs, ...before]);
  }

  #wrongWith(replica: ReplicaInspection, session: string, heardMs: ReadonlyMap<string, number>): string | undefined {
    const { places, ttlMs } = this.#parts;
    const all = [...replica.sessions()];
    if (all.length < Math.floor(CROWDED * places)) return `with ${all.length} sessions in a table of ${places} places`;
    if (!this.#used.has(session)) return undefined;
    const unused = all.find((other) => !this.#maybeUsed.has(other) && !this.#ending.has(other));
    if (unused !== undefined) return `although ${unused} was never used`;
    const idleMs = replica.now - (heardMs.get(session) ?? Number.NEGATIVE_INFINITY);
    return idleMs < RECENT * ttlMs ? `which was heard of ${Math.round(idleMs)} ms before` : undefined;
  }
}

/** The session that this entry ends to make room for the next entry, which opens another session. */
export function sessionRoomIsMadeOf(replica: ReplicaInspection, index: number, last: number): string | undefined {
  const entry = replica.entryAt(index);
  if (entry?.operation.kind !== 'expireSession' || entry.viewnum !== replica.view.viewnum) return undefined;
  const opens = index < last && replica.entryAt(index + 1)?.operation.kind === 'openSession';
  return opens ? entry.operation.session : undefined;
}

function sessionEndedBy({ operation }: { readonly operation: { readonly kind: string; readonly session?: string } }) {
  return operation.kind === 'expireSession' ? operation.session : undefined;
}

/**
 * A session ends when it was idle for its time to live: not before, and not much later (S5).
 *
 * The invariant records when each run of a server last heard each session. A primary that has just begun has heard
 * none, so the time of every session starts anew with it. Two kinds of ends do not depend on time: those that a client
 * requests, and those that make room in a full table, which session-places.ts checks.
 */
import type { ReplicaInspection } from '@understudy/kvservice';
import type { Invariant, ObservedStep } from './invariant.ts';
import { sessionRoomIsMadeOf } from './session-places.ts';

/** A primary looks for idle sessions after each tenth of the time to live, and at ticks. */
const LATE = 1.1;
const TICKS_MS = 500;

/** What one run heard while it was primary without interruption. */
interface Tenure {
  readonly incarnation: string;
  readonly sinceMs: number;
  /** Since when the run has served without interruption. */
  servingSinceMs: number | undefined;
  readonly heardMs: Map<string, number>;
  /** When a tick first found the session. The entry that opened it may be trimmed from the log before it is seen. */
  readonly foundMs: Map<string, number>;
  /** No session can be late before this time. -Infinity: there may be a session that no tick has found yet. */
  noneIsLateUntilMs: number;
}

export class SessionTimes implements Invariant {
  readonly property = 'a session ends when it was idle for its time to live, not before and not much after';
  readonly rules = 'S5';
  readonly looksAt = 'state';
  readonly #ttlMs: number;
  /** By server. */
  readonly #tenures = new Map<string, Tenure>();

  constructor(ttlMs: number) {
    this.#ttlMs = ttlMs;
  }

  onReplica(step: ObservedStep): string | undefined {
    const { replica, event } = step;
    const tenure = this.#tenureOf(replica);
    if (tenure === undefined) return undefined;
    return this.#endedEarly(step, tenure) ?? (event.kind === 'tick' ? this.#endsLate(replica, tenure) : undefined);
  }

  #tenureOf(replica: ReplicaInspection): Tenure | undefined {
    const { server, incarnation, role, serving, leaving, now } = replica;
    if (role !== 'primary') return void this.#tenures.delete(server);
    let tenure = this.#tenures.get(server);
    if (tenure === undefined || tenure.incarnation !== incarnation) {
      tenure = {
        incarnation,
        sinceMs: now,
        servingSinceMs: undefined,
        heardMs: new Map(),
        foundMs: new Map(),
        noneIsLateUntilMs: Number.NEGATIVE_INFINITY,
      };
      this.#tenures.set(server, tenure);
    }
    // A leaving server ends no more sessions.
    tenure.servingSinceMs = serving && !leaving ? (tenure.servingSinceMs ?? now) : undefined;
    return tenure;
  }

  #endedEarly({ requests, replica, change }: ObservedStep, tenure: Tenure): string | undefined {
    const { heardMs, sinceMs } = tenure;
    const closed = new Set<string>();
    const before = new Map<string, number | undefined>();
    for (const request of requests) {
      if (request.kind !== 'write') continue;
      if (request.operation.kind === 'expireSession') closed.add(request.operation.session);
      const session = request.origin?.session;
      if (session === undefined) continue;
      if (!before.has(session)) before.set(session, heardMs.get(session));
      heardMs.set(session, replica.now);
    }
    if (change === undefined) return undefined;
    for (let index = change.committed.from; index <= change.committed.to; index++) {
      const entry = replica.entryAt(index);
      // An entry that is trimmed already may have opened a session too.
      if (entry !== undefined && entry.operation.kind !== 'openSession') continue;
      tenure.noneIsLateUntilMs = Number.NEGATIVE_INFINITY;
      if (entry !== undefined) heardMs.set(`${replica.view.cluster}:${entry.viewnum}:${index}`, replica.now);
    }
    for (let index = change.appended.from; index <= change.appended.to; index++) {
      const entry = replica.entryAt(index);
      if (entry?.operation.kind !== 'expireSession' || entry.viewnum !== replica.view.viewnum) continue;
      const { session } = entry.operation;
      const idleMs = replica.now - (before.get(session) ?? heardMs.get(session) ?? sinceMs);
      if (closed.has(session) || idleMs > this.#ttlMs) continue;
      if (sessionRoomIsMadeOf(replica, index, change.appended.to) !== undefined) continue;
      return this.#inWords(replica, 'ends', session, idleMs);
    }
    return undefined;
  }

  /** Looks at the sessions only if one may be late or new: there are many more ticks than new sessions. */
  #endsLate(replica: ReplicaInspection, tenure: Tenure): string | undefined {
    const { now, commitIndex, lastIndex } = replica;
    if (now <= tenure.noneIsLateUntilMs) return undefined;
    const { heardMs, foundMs, servingSinceMs } = tenure;
    const latestMs = LATE * this.#ttlMs + TICKS_MS;
    let longestIdleMs = 0;
    const isSettled = servingSinceMs !== undefined && now - servingSinceMs > latestMs && commitIndex === lastIndex;
    for (const session of replica.sessions()) {
      if (!foundMs.has(session)) foundMs.set(session, now);
      const idleMs = now - Math.max(heardMs.get(session) ?? 0, foundMs.get(session) ?? now);
      longestIdleMs = Math.max(longestIdleMs, idleMs);
      if (idleMs > latestMs && isSettled) return this.#inWords(replica, 'keeps', session, idleMs);
    }
    // One millisecond less, because sums of fractions are rounded.
    tenure.noneIsLateUntilMs = now + latestMs - longestIdleMs - 1;
    return undefined;
  }

  #inWords({ server }: ReplicaInspection, does: string, session: string, idleMs: number): string {
    const idle = `${Math.round(idleMs)} ms`;
    return `${server} ${does} session ${session} after ${idle}, and its time to live is ${this.#ttlMs}`;
  }
}

/**
 * The roster: every server that the monitor has heard, when it was heard, and what its last ping reported. Its size is
 * bounded, because pings may carry made-up names: when it is full, a silent server is forgotten for a new one.
 */
import type { Ping, Position } from '../contract.ts';
import { Absences } from './absence.ts';
import type { Run } from './state.ts';

/**
 * The default number of servers remembered besides the members of the view. When it is full, a silent server is
 * forgotten to make room.
 */
export const MAX_STRANGERS = 100;

/** One server. Fields that the ping left out have the values of a bare ping. */
export interface Sighting {
  readonly server: string;
  /** The newest incarnation heard (V11). */
  readonly incarnation: string;
  /** The secret of that incarnation, confirmed at its address; undefined if none is known. */
  readonly secret: string | undefined;
  /**
   * The server showed a confirmed secret to this run of the monitor or to an earlier one. The secret itself is not
   * saved.
   */
  readonly hasSecret: boolean;
  /** The highest `seq` taken from that incarnation. */
  readonly seq: number | undefined;
  /** Undefined if not heard since the monitor's own start. */
  readonly heardAt: number | undefined;
  /** When this incarnation was first heard. */
  readonly since: number | undefined;
  readonly viewnum: number;
  readonly position: Position | undefined;
  readonly priority: number;
  readonly leaving: boolean;
}

export class Roster {
  /** Milliseconds without a ping after which a server is silent (V2). */
  readonly #deadAfterMs: number;
  readonly #sightings = new Map<string, Sighting>();
  /** (V10) Silence before this time does not count. */
  #countedFrom: number;
  #runs: readonly Run[] | undefined;
  /** Backups that their primary could not reach (V13). */
  readonly absences: Absences;

  readonly #maxStrangers: number;

  constructor(deadAfterMs: number, now: number, runs: readonly Run[] = [], maxStrangers = MAX_STRANGERS) {
    this.#maxStrangers = maxStrangers;
    this.#deadAfterMs = deadAfterMs;
    this.#countedFrom = now;
    this.absences = new Absences(deadAfterMs);
    for (const run of runs) this.#sightings.set(run.server, unheard(run));
  }

  get servers(): readonly Sighting[] {
    return [...this.#sightings.values()];
  }

  /** The same array until something in it changes. */
  get runs(): readonly Run[] {
    this.#runs ??= this.servers.map(({ server, incarnation, hasSecret }) => ({ server, incarnation, hasSecret }));
    return this.#runs;
  }

  find(server: string): Sighting | undefined {
    return this.#sightings.get(server);
  }

  /** The servers of this cluster prove their names with secrets; only servers of the 6.824 lab do not. */
  get showsSecrets(): boolean {
    for (const { hasSecret } of this.#sightings.values()) if (hasSecret) return true;
    return false;
  }

  /** Takes a ping that is neither stale nor of a replaced incarnation. */
  hear(ping: Ping, now: number): void {
    const incarnation = ping.incarnation ?? '';
    const known = this.find(ping.server);
    const isSameRun = known?.incarnation === incarnation;
    const hasSecret = ping.secret !== undefined;
    if (!isSameRun || known.hasSecret !== hasSecret) this.#runs = undefined;
    this.#sightings.set(ping.server, {
      server: ping.server,
      incarnation,
      secret: ping.secret,
      hasSecret,
      seq: ping.seq,
      heardAt: now,
      since: isSameRun ? (known.since ?? now) : now,
      viewnum: ping.viewnum,
      position: ping.position,
      priority: ping.priority ?? 0,
      leaving: ping.leaving === true,
    });
  }

  /** (V10) Silence up to now says nothing about the servers. */
  countAllAsHeard(now: number): void {
    this.#countedFrom = now;
  }

  silentForMs(server: string, now: number): number {
    return now - Math.max(this.#sightings.get(server)?.heardAt ?? this.#countedFrom, this.#countedFrom);
  }

  /** (V2) Not heard for DEAD_PINGS x PING_INTERVAL. */
  isSilent(server: string, now: number): boolean {
    return this.silentForMs(server, now) >= this.#deadAfterMs;
  }

  /** (V14) Another server is alive as far as the monitor knows, and is not leaving. */
  hasCompany(server: string, now: number): boolean {
    for (const other of this.#sightings.values()) {
      if (other.server !== server && !other.leaving && !this.isSilent(other.server, now)) return true;
    }
    return false;
  }

  /**
   * Heard by a ping in the last `withinMs` milliseconds. Being counted as heard (V10) is not enough to get a seat (V8).
   */
  wasHeard(server: string, now: number, withinMs: number = this.#deadAfterMs): boolean {
    const heardAt = this.#sightings.get(server)?.heardAt;
    return heardAt !== undefined && now - heardAt < withinMs;
  }

  /** (V13) Not silent yet, but heard less often than a live server. */
  isFallingSilent(server: string, now: number): boolean {
    return !this.wasHeard(server, now, this.#deadAfterMs / 2);
  }

  /**
   * Makes room for one new name; `keep` lists the members of the view. Returns false if all remembered servers are
   * alive. A server with a secret replaces one without, because anyone can ping under as many names as there are
   * places.
   */
  makeRoom(keep: readonly string[], now: number, hasSecret: boolean): boolean {
    const strangers = this.servers.filter(({ server }) => !keep.includes(server));
    if (strangers.length < this.#maxStrangers) return true;
    const silent = strangers.filter((other) => !this.wasHeard(other.server, now) || (hasSecret && !other.hasSecret));
    const longestFirst = silent.sort((one, other) => (one.heardAt ?? -Infinity) - (other.heardAt ?? -Infinity));
    const leave = longestFirst.slice(0, strangers.length - this.#maxStrangers + 1);
    for (const { server } of leave) {
      this.#sightings.delete(server);
      this.absences.forget(server);
    }
    if (leave.length > 0) this.#runs = undefined;
    return strangers.length - leave.length < this.#maxStrangers;
  }
}

function unheard({ server, incarnation, hasSecret = incarnation !== '' }: Run): Sighting {
  return {
    server,
    incarnation,
    secret: undefined,
    hasSecret,
    seq: undefined,
    heardAt: undefined,
    since: undefined,
    viewnum: 0,
    position: undefined,
    priority: 0,
    leaving: false,
  };
}

/** The roster: every server that was heard, when, and what its last ping told. */
import type { Ping, Position } from '../contract.ts';
import { Absences } from './absence.ts';
import type { Run } from './state.ts';

/** Servers that the roster remembers besides the members of the view, unless set: one that is silent is forgotten for another. */
export const MAX_STRANGERS = 100;

/** One server. What a ping leaves out is as a bare ping has it. */
export interface Sighting {
  readonly server: string;
  /** The newest run heard of (V11). */
  readonly incarnation: string;
  /** The secret of that run, confirmed at its address; undefined: none is known. */
  readonly secret: string | undefined;
  /**
   * It showed a secret that was confirmed, to this run of the monitor or to a former one, which did not keep the secret
   * itself.
   */
  readonly hasSecret: boolean;
  /** The highest that was taken from that run. */
  readonly seq: number | undefined;
  /** Undefined: not heard since the monitor's own start. */
  readonly heardAt: number | undefined;
  /** When this run was heard for the first time. */
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
  /** (V10) Silence is counted from here at the earliest. */
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

  /** The same list as long as nothing in it changes. */
  get runs(): readonly Run[] {
    this.#runs ??= this.servers.map(({ server, incarnation, hasSecret }) =>
      hasSecret ? { server, incarnation, hasSecret } : { server, incarnation },
    );
    return this.#runs;
  }

  find(server: string): Sighting | undefined {
    return this.#sightings.get(server);
  }

  /** The servers of this cluster prove their names by secrets, as all but those of the 6.824 lab do. */
  get showsSecrets(): boolean {
    for (const { hasSecret } of this.#sightings.values()) if (hasSecret) return true;
    return false;
  }

  /** Takes a ping, which is neither stale nor of a replaced run. */
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

  /** (V2) */
  isSilent(server: string, now: number): boolean {
    return this.silentForMs(server, now) >= this.#deadAfterMs;
  }

  /** (V14) Another server is alive, as far as is known, and stays. */
  hasCompany(server: string, now: number): boolean {
    for (const other of this.#sightings.values()) {
      if (other.server !== server && !other.leaving && !this.isSilent(other.server, now)) return true;
    }
    return false;
  }

  /** Really heard, in the last `withinMs` milliseconds: being counted as heard is not enough to be given a seat (V8). */
  wasHeard(server: string, now: number, withinMs: number = this.#deadAfterMs): boolean {
    const heardAt = this.#sightings.get(server)?.heardAt;
    return heardAt !== undefined && now - heardAt < withinMs;
  }

  /** (V13) Not silent yet, but no longer heard as often as a live server is. */
  isFallingSilent(server: string, now: number): boolean {
    return !this.wasHeard(server, now, this.#deadAfterMs / 2);
  }

  /**
   * Room for one more under a new name; `keep` are the members of the view. False: all that are remembered live. One
   * that shows a secret takes the place of one that does not: anybody may ping under as many names as there are places.
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

function unheard({ server, incarnation, hasSecret = false }: Run): Sighting {
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

/** Recovery: what a monitor without a view hears about an earlier cluster, and when that is enough to go on from (V12). */
import { MAX_VIEWNUM, type Ping, type Position, type View } from '../contract.ts';
import { comparePositions } from './position.ts';

/** Servers whose reports are kept; far more than a cluster has. */
const MAX_REPORTS = 1_000;

interface Report {
  /** The newest view that the server knew. */
  readonly view: View;
  /** It held data: it has not been in a later view and lost what it had there. */
  readonly withData: boolean;
  /** What its last ping told: the view of which it holds everything, 0 for nothing, and how far it is. */
  readonly viewnum: number;
  readonly position: Position | undefined;
  readonly at: number;
  /** As this report came, another member's last one told a greater position. */
  readonly isBehind: boolean;
}

/** What a monitor knows that begins without a view that it trusts. */
export interface RecoveryStart {
  /** Until then nothing is decided: more may be heard. */
  readonly listensUntil: number;
  /** Milliseconds without a ping after which a server is silent (V2). */
  readonly deadAfterMs: number;
  /** The view that it had. */
  readonly known?: View | undefined;
  /** There was a cluster, whatever is heard: no new one is begun. */
  readonly expected?: boolean;
}

/** What a view can be made from. */
export interface Rebuilding {
  readonly highest: View;
  readonly cluster: string;
  /** Servers that an operator did not want to wait for. */
  readonly without: readonly string[];
}

/**
 * A member that reports an older view than the highest never learned of that: so it did nothing in any later one, and its report
 * counts like one of the highest. (Waiting until it reports the highest could wait for ever: nobody is left to tell it.)
 */
export class Recovery {
  /** Until then nothing is decided: more may be heard. */
  readonly listensUntil: number;
  readonly #reports = new Map<string, Report>();
  readonly #clusters = new Set<string>();
  /** Servers that told a number above 0, but no view that could be gone on from. */
  readonly #unclear = new Set<string>();
  readonly #expected: boolean;
  readonly #deadAfterMs: number;
  #heardAt = 0;
  #highest: View | undefined;
  #suspectsUntil = -Infinity;
  /** Whose data an operator wants to go on from. */
  #chosen: string | undefined;

  constructor({ listensUntil, deadAfterMs, known, expected = false }: RecoveryStart) {
    this.listensUntil = listensUntil;
    this.#expected = expected;
    this.#deadAfterMs = deadAfterMs;
    if (known?.cluster !== undefined) this.#clusters.add(known.cluster);
    if (known !== undefined) this.#learn(known);
  }

  /** There was a cluster before: the monitor has lost its state. */
  get aware(): boolean {
    return this.#expected || this.#clusters.size > 0 || this.#unclear.size > 0 || this.#highest !== undefined;
  }

  /** A claim that there was a cluster is being checked, for so long at most: until then no new one is begun. */
  suspect(until: number): void {
    this.#suspectsUntil = Math.max(this.#suspectsUntil, until);
  }

  /** (V1) This ping may begin a cluster. Where servers show secrets, one that shows none is none of them. */
  mayBegin({ leaving, secret }: Ping, now: number, needsSecret: boolean): boolean {
    if (this.aware || now < this.listensUntil || now < this.#suspectsUntil) return false;
    return leaving !== true && (secret !== undefined || !needsSecret);
  }

  get clusters(): readonly string[] {
    return [...this.#clusters];
  }

  /** The highest view heard of. */
  get highest(): View | undefined {
    return this.#highest;
  }

  /** Who holds data, the one that holds the most first. */
  get holders(): readonly string[] {
    const holders = [...this.#reports].filter(([, { viewnum }]) => viewnum > 0);
    holders.sort(([, one], [, other]) => comparePositions(other.position, one.position) || other.viewnum - one.viewnum);
    return holders.map(([server]) => server);
  }

  /** An operator's word: its next ping with data makes it primary, whoever else is missing. */
  overrule(server: string): void {
    this.#chosen = server;
  }

  hear(ping: Ping, now: number): void {
    this.#heardAt = now;
    const { server, viewnum, view, position } = ping;
    const cluster = clusterOf(ping);
    if (cluster !== undefined) this.#add(this.#clusters, cluster);
    if (view !== undefined && view.viewnum > 0 && cluster !== undefined) {
      const withData = viewnum > 0 || this.#reports.get(server)?.withData === true;
      this.#learn(view);
      if (this.#reports.size < MAX_REPORTS || this.#reports.has(server)) {
        this.#reports.set(server, {
          view,
          withData,
          viewnum,
          position,
          isBehind: this.#isBehind(server, position),
          at: now,
        });
      }
    } else if (viewnum > 0) {
      this.#add(this.#unclear, server);
    }
  }

  /** The members whose reports, with their data, are missing; if none is missing, the one that goes on at its next ping. */
  waitingFor(): readonly string[] {
    const highest = this.#highest;
    if (highest === undefined) return [...this.#unclear];
    const missing = this.#missing(highest);
    return missing.length > 0 ? missing : [this.#heir(highest)];
  }

  /** What to go on from, if this ping is the one that makes its sender primary. */
  completedBy(ping: Ping, now: number): Rebuilding | undefined {
    const highest = this.#highest;
    const cluster = clusterOf(ping);
    if (highest === undefined || cluster === undefined || highest.viewnum > MAX_VIEWNUM) return undefined;
    if (now < this.listensUntil || ping.viewnum === 0 || ping.view === undefined) return undefined;
    const missing = this.waitingFor().filter((server) => server !== ping.server);
    if (ping.server === this.#chosen) return { highest, cluster, without: missing };
    // Of two clusters, neither is known to be ours.
    return missing.length === 0 && this.#clusters.size === 1 ? { highest, cluster, without: [] } : undefined;
  }

  #missing(highest: View): readonly string[] {
    return this.#mayHaveBeenPromoted(highest).filter((server) => this.#reports.get(server)?.withData !== true);
  }

  /**
   * The member that goes on: the one with the greatest position. The primary has no right of its own to go on, because its disk may
   * have come back older than it was. But in a busy cluster a later report tells a greater position, and says nothing about a loss.
   * So the primary goes on unless its own last report was behind another member's when it came, or the primary is silent.
   */
  #heir(highest: View): string {
    const { primary } = highest;
    const report = this.#reports.get(primary);
    const isSilent = report !== undefined && this.#heardAt - report.at >= this.#deadAfterMs;
    if (report?.isBehind !== true && !isSilent) return primary;
    const start = isSilent ? undefined : primary;
    const others = this.#mayHaveBeenPromoted(highest).filter((server) => server !== primary);
    const best = others.reduce(
      (best: string | undefined, server) => (best === undefined || this.#compare(server, best) > 0 ? server : best),
      start,
    );
    return best === undefined || this.#compare(primary, best) > 0 ? primary : best;
  }

  #isBehind(server: string, position: Position | undefined): boolean {
    const members = this.#highest === undefined ? [] : this.#mayHaveBeenPromoted(this.#highest);
    return members.some((other) => {
      const report = this.#reports.get(other);
      return other !== server && report?.withData === true && comparePositions(report.position, position) > 0;
    });
  }

  #compare(one: string, other: string): number {
    return comparePositions(this.#reports.get(one)?.position, this.#reports.get(other)?.position);
  }

  /**
   * The primary, and every backup that some report of this view does not call syncing, because the view may have been acknowledged.
   * A backup that has fulfilled the view is one of them, whatever it is called: only the primary knows at once that nobody is syncing
   * any more, and the primary may have come back with an older disk.
   */
  #mayHaveBeenPromoted(highest: View): readonly string[] {
    const views = [highest, ...this.#views()].filter((view) => view.viewnum === highest.viewnum);
    const members = new Set(views.flatMap((view) => [view.primary, ...view.backups]));
    const hasFulfilled = (server: string) => this.#reports.get(server)?.viewnum === highest.viewnum;
    return [...members].filter(
      (server) => hasFulfilled(server) || !views.every((view) => view.syncing.includes(server)),
    );
  }

  #views(): readonly View[] {
    return [...this.#reports.values()].map((report) => report.view);
  }

  #learn(view: View): void {
    if (this.#highest === undefined || view.viewnum > this.#highest.viewnum) this.#highest = view;
  }

  #add(names: Set<string>, name: string): void {
    if (names.size < MAX_REPORTS) names.add(name);
  }
}

export function clusterOf(ping: Ping): string | undefined {
  return ping.cluster ?? ping.view?.cluster;
}

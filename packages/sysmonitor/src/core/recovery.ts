/**
 * Recovery (V12): rebuilds the view from the servers' reports when the monitor has lost its state. It takes the highest
 * view that any server reports, and waits until every member that may have been promoted out of that view has reported
 * its data. Then the member with the greatest position continues as primary. The monitor never guesses: with reports
 * missing, a committed entry could be lost, or two primaries could act.
 */
import { MAX_VIEWNUM, type Ping, type Position, type View } from '../contract.ts';
import { comparePositions } from './position.ts';

/** The number of servers whose reports are kept; far more than a cluster has. */
const MAX_REPORTS = 1_000;

/** Times of silence after the listening, for which unconfirmed claims may delay a new cluster: ten seconds. */
const MOST_SUSPICION = 20;

interface Report {
  /** The newest view that the server knew. */
  readonly view: View;
  /** The server has reported data. So it was not in a later view whose data it lost. */
  readonly withData: boolean;
  /** From the server's last ping: the view that it has fulfilled (0 if it holds no data), and its log position. */
  readonly viewnum: number;
  readonly position: Position | undefined;
  readonly at: number;
  /** When this report came, the last report of another member had a greater position. */
  readonly isBehind: boolean;
}

/** What a monitor knows when it starts without a view that it trusts. */
export interface RecoveryStart {
  readonly now: number;
  /** Milliseconds for which the monitor decides nothing, because more reports may come. */
  readonly listenMs: number;
  /** Milliseconds without a ping after which a server is silent (V2). */
  readonly deadAfterMs: number;
  /** The view that the monitor had before. */
  readonly known?: View | undefined;
  /** There was a cluster before, whatever the servers report, so no new one is begun. */
  readonly expected?: boolean;
}

/** What a rebuilt view is made from. */
export interface Rebuilding {
  readonly highest: View;
  readonly cluster: string;
  /** Servers that an operator chose not to wait for. */
  readonly without: readonly string[];
}

/**
 * A member may report an older view than the highest. It then never learned of the highest view and did nothing in any
 * later one, so its report counts like a report of the highest. Waiting until it reports the highest view could take
 * forever, because no server may be left to tell it.
 */
export class Recovery {
  #listensUntil: number;
  readonly #listenMs: number;
  readonly #reports = new Map<string, Report>();
  readonly #clusters = new Set<string>();
  /** Servers that reported a viewnum above 0, but no view that could be rebuilt. */
  readonly #unclear = new Set<string>();
  readonly #expected: boolean;
  readonly #deadAfterMs: number;
  #heardAt = 0;
  #highest: View | undefined;
  #suspectsUntil = -Infinity;
  /** The server that an operator chose to continue from. */
  #chosen: string | undefined;

  constructor({ now, listenMs, deadAfterMs, known, expected = false }: RecoveryStart) {
    this.#listenMs = listenMs;
    this.#listensUntil = now + listenMs;
    this.#expected = expected;
    this.#deadAfterMs = deadAfterMs;
    if (known?.cluster !== undefined) this.#clusters.add(known.cluster);
    if (known !== undefined) this.#learn(known);
  }

  /** The monitor decides nothing before this time, because more reports may come. */
  get listensUntil(): number {
    return this.#listensUntil;
  }

  /**
   * The monitor could not hear any server from `from` to `now`: it did not run, or its port was not open yet. If it was
   * still listening, it listens for the whole time from now on. Otherwise the first server that it hears, which may be
   * empty, would begin a new cluster although others with data are about to ping.
   */
  wasDeaf(from: number, now: number): void {
    if (this.#listensUntil > from) this.#listensUntil = now + this.#listenMs;
  }

  /** There was a cluster before: the monitor has lost its state. */
  get aware(): boolean {
    return this.#expected || this.#clusters.size > 0 || this.#unclear.size > 0 || this.#highest !== undefined;
  }

  /**
   * A claim about an earlier cluster is being checked, until this time at the latest. No new cluster is begun before.
   * Claims delay it for a limited time in all: anyone can claim something once a second. A true claim is confirmed
   * within two times of silence.
   */
  suspect(until: number): void {
    const latest = this.listensUntil + MOST_SUSPICION * this.#deadAfterMs;
    this.#suspectsUntil = Math.max(this.#suspectsUntil, Math.min(until, latest));
  }

  /** (V1) This ping may begin a cluster. Once servers show secrets, a server without one does not belong to them. */
  mayBegin({ leaving, secret }: Ping, now: number, needsSecret: boolean): boolean {
    if (this.aware || now < this.listensUntil || now < this.#suspectsUntil) return false;
    return leaving !== true && (secret !== undefined || !needsSecret);
  }

  get clusters(): readonly string[] {
    return [...this.#clusters];
  }

  /** The highest view that any report named. */
  get highest(): View | undefined {
    return this.#highest;
  }

  /** Servers that hold data, the most up to date first. */
  get holders(): readonly string[] {
    const holders = [...this.#reports].filter(([, { viewnum }]) => viewnum > 0);
    holders.sort(([, one], [, other]) => comparePositions(other.position, one.position) || other.viewnum - one.viewnum);
    return holders.map(([server]) => server);
  }

  /** An operator's command: this server becomes primary at its next ping with data, whatever reports are missing. */
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

  /**
   * The members whose reports with data are missing. If none is missing, the server that becomes primary at its next
   * ping.
   */
  waitingFor(): readonly string[] {
    const highest = this.#highest;
    if (highest === undefined) return [...this.#unclear];
    const missing = this.#missing(highest);
    return missing.length > 0 ? missing : [this.#heir(highest)];
  }

  /** What to rebuild the view from, if this ping makes its sender primary. */
  completedBy(ping: Ping, now: number): Rebuilding | undefined {
    const highest = this.#highest;
    const cluster = clusterOf(ping);
    if (highest === undefined || cluster === undefined || highest.viewnum > MAX_VIEWNUM) return undefined;
    if (now < this.listensUntil || ping.viewnum === 0 || ping.view === undefined) return undefined;
    const missing = this.waitingFor().filter((server) => server !== ping.server);
    if (ping.server === this.#chosen) return { highest, cluster, without: missing };
    // If servers of two clusters ping, the monitor cannot know which cluster is its own.
    return missing.length === 0 && this.#clusters.size === 1 ? { highest, cluster, without: [] } : undefined;
  }

  #missing(highest: View): readonly string[] {
    return this.#mayHaveBeenPromoted(highest).filter((server) => this.#reports.get(server)?.withData !== true);
  }

  /**
   * The member that becomes primary: the one with the greatest position. The previous primary is not preferred as such,
   * because its disk may have come back older than it was. But in a busy cluster a later report has a greater position,
   * and that does not show a loss. So the previous primary is chosen unless it is silent, or its own last report was
   * behind another member's report when it came.
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
   * The primary, and every backup that at least one report of this view does not list as syncing, because the view may
   * have been acknowledged. A backup that has fulfilled the view is included even if every report lists it as syncing:
   * only the primary learns at once that the backup is in sync, and the primary may have come back with an older disk.
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

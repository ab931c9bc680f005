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
}

/** What a monitor knows that begins without a view that it trusts. */
export interface RecoveryStart {
  /** Until then nothing is decided: more may be heard. */
  readonly listensUntil: number;
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
  #highest: View | undefined;
  /** Whose data an operator wants to go on from. */
  #chosen: string | undefined;

  constructor({ listensUntil, known, expected = false }: RecoveryStart) {
    this.listensUntil = listensUntil;
    this.#expected = expected;
    if (known?.cluster !== undefined) this.#clusters.add(known.cluster);
    if (known !== undefined) this.#learn(known);
  }

  /** There was a cluster before: the monitor has lost its state. */
  get aware(): boolean {
    return this.#expected || this.#clusters.size > 0 || this.#unclear.size > 0 || this.#highest !== undefined;
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
    holders.sort(([, one], [, other]) => other.viewnum - one.viewnum || comparePositions(other.position, one.position));
    return holders.map(([server]) => server);
  }

  /** An operator's word: its next ping with data makes it primary, whoever else is missing. */
  overrule(server: string): void {
    this.#chosen = server;
  }

  hear(ping: Ping): void {
    const { server, viewnum, view, position } = ping;
    const cluster = clusterOf(ping);
    if (cluster !== undefined) this.#add(this.#clusters, cluster);
    if (view !== undefined && view.viewnum > 0 && cluster !== undefined) {
      const withData = viewnum > 0 || this.#reports.get(server)?.withData === true;
      if (this.#reports.size < MAX_REPORTS || this.#reports.has(server)) {
        this.#reports.set(server, { view, withData, viewnum, position });
      }
      this.#learn(view);
    } else if (viewnum > 0) {
      this.#add(this.#unclear, server);
    }
  }

  /** Whose reports, with their data, are missing; at last only the primary itself, which has to ping once more. */
  waitingFor(): readonly string[] {
    const highest = this.#highest;
    if (highest === undefined) return [...this.#unclear];
    const missing = this.#mayHaveBeenPromoted(highest).filter((server) => this.#reports.get(server)?.withData !== true);
    return missing.length > 0 ? missing : [highest.primary];
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
    const isComplete = ping.server === highest.primary && missing.length === 0 && this.#clusters.size === 1;
    return isComplete ? { highest, cluster, without: [] } : undefined;
  }

  /** The primary, and every backup that some report of this view does not call syncing: the view may have been acknowledged. */
  #mayHaveBeenPromoted(highest: View): readonly string[] {
    const views = [highest, ...this.#views()].filter((view) => view.viewnum === highest.viewnum);
    const members = new Set(views.flatMap((view) => [view.primary, ...view.backups]));
    return [...members].filter((server) => !views.every((view) => view.syncing.includes(server)));
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

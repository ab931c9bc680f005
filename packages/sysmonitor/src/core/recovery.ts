/** Recovery: what a monitor without a view hears about an earlier cluster, and when that is enough to go on from (V12). */
import { MAX_VIEWNUM, type Ping, type View } from '../contract.ts';

/** Servers whose reports are kept; far more than a cluster has. */
const MAX_REPORTS = 1_000;

interface Report {
  /** The newest view that the server knew. */
  readonly view: View;
  /** It held data: it has not been in a later view and lost what it had there. */
  readonly withData: boolean;
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
  #highest: View | undefined;

  constructor(listensUntil: number, known?: View) {
    this.listensUntil = listensUntil;
    if (known?.cluster !== undefined) this.#clusters.add(known.cluster);
    if (known !== undefined) this.#learn(known);
  }

  /** There was a cluster before: the monitor has lost its state. */
  get aware(): boolean {
    return this.#clusters.size > 0 || this.#unclear.size > 0 || this.#highest !== undefined;
  }

  get clusters(): readonly string[] {
    return [...this.#clusters];
  }

  /** The highest view heard of. */
  get highest(): View | undefined {
    return this.#highest;
  }

  hear(ping: Ping): void {
    const { server, viewnum, view } = ping;
    const cluster = clusterOf(ping);
    if (cluster !== undefined) this.#add(this.#clusters, cluster);
    if (view !== undefined && view.viewnum > 0 && cluster !== undefined) {
      const withData = viewnum > 0 || this.#reports.get(server)?.withData === true;
      if (this.#reports.size < MAX_REPORTS || this.#reports.has(server)) this.#reports.set(server, { view, withData });
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

  /** The view to go on from, if this ping is the primary's and nothing is missing. */
  completedBy(ping: Ping, now: number): { readonly highest: View; readonly cluster: string } | undefined {
    const highest = this.#highest;
    const [cluster, ...others] = this.#clusters;
    // Of two clusters, neither is known to be ours.
    if (highest === undefined || cluster === undefined || others.length > 0) return undefined;
    if (now < this.listensUntil || ping.server !== highest.primary) return undefined;
    if (ping.viewnum === 0 || ping.view === undefined || highest.viewnum > MAX_VIEWNUM) return undefined;
    const missing = this.waitingFor().filter((server) => server !== highest.primary);
    return missing.length > 0 ? undefined : { highest, cluster };
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

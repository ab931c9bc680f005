/**
 * A survey: one question for the view, sent to several monitors at once. The first answer that may count is taken, so a
 * monitor that hangs delays nothing. A greater view that arrives later becomes a late answer. When all monitors have
 * answered or failed, the answers are passed on for comparison.
 *
 * A view counts if it is of the known cluster and not older than the known view. A view of another cluster is believed
 * only if every monitor answers and none knows the own cluster: a silent monitor may be the one that the servers
 * follow. If no cluster is known and the monitors rule several, none of them is believed.
 */
import { type Address, type Clock, type Timer, UnderstudyError } from '@understudy/rpc';
import { type Failure, together } from './addresses-failed.ts';
import { NO_VIEW, type View } from './contract.ts';
import { statesInWords, type ToldView } from './monitor-states.ts';

export interface SurveyParts {
  readonly clock: Clock;
  readonly addresses: readonly Address[];
  readonly ask: (address: Address) => Promise<View>;
  /** The newest view that a monitor reported before; viewnum 0 if none did. */
  readonly known: View;
  /** Milliseconds that the other monitors get after the first view, if no cluster is known and any view would do. */
  readonly graceMs: number;
  readonly onLate: (told: ToldView) => void;
  readonly onAll: (told: readonly ToldView[]) => void;
}

export function survey(parts: SurveyParts): Promise<ToldView> {
  return new Promise((resolve, reject) => new Survey(parts, { resolve, reject }).run());
}

/** True if the view is of another cluster than the known one. */
export function isForeign(view: View, known: View): boolean {
  return view.cluster !== undefined && known.cluster !== undefined && view.cluster !== known.cluster;
}

interface Outcome {
  readonly resolve: (told: ToldView) => void;
  readonly reject: (error: unknown) => void;
}

class Survey {
  readonly #parts: SurveyParts;
  readonly #outcome: Outcome;
  readonly #told: ToldView[] = [];
  readonly #failures: Failure[] = [];
  #given: ToldView | undefined;
  #grace: Timer | undefined;
  #isOver = false;

  constructor(parts: SurveyParts, outcome: Outcome) {
    this.#parts = parts;
    this.#outcome = outcome;
  }

  run(): void {
    for (const address of this.#parts.addresses) void this.#ask(address);
  }

  async #ask(address: Address): Promise<void> {
    try {
      const view = await this.#parts.ask(address);
      this.#told.push({ address, view });
    } catch (error) {
      if (!(error instanceof UnderstudyError) || error.name === 'ABORTED') return this.#fail(error);
      this.#failures.push({ address, error });
      if (error.name === 'RECOVERING') this.#told.push({ address, view: NO_VIEW, recovers: true });
    }
    this.#consider();
  }

  /** The caller gave up, so the answers so far are not a complete round. */
  #fail(error: unknown): void {
    this.#outcome.reject(error);
    this.#end([]);
  }

  #end(told: readonly ToldView[]): void {
    this.#grace?.cancel();
    if (this.#isOver) return;
    this.#isOver = true;
    this.#parts.onAll(told);
  }

  #consider(): void {
    const { addresses, known, clock, graceMs } = this.#parts;
    const answered = new Set([...this.#told, ...this.#failures].map(({ address }) => address));
    const isAll = answered.size === addresses.length;
    const best = this.#best();
    const isSure =
      isAll || this.#given !== undefined || (known.viewnum > 0 && (best?.view.viewnum ?? 0) >= known.viewnum);
    if (best !== undefined && isSure) this.#give(best);
    else if (best !== undefined) this.#grace ??= clock.after(graceMs, () => this.#give(this.#best() ?? best));
    else if (isAll) this.#giveUp();
    if (isAll) this.#end(this.#inOrder());
  }

  /** The greatest view of the known cluster. If none is known: of the only cluster that was reported. */
  #best(): ToldView | undefined {
    const own = this.#inOrder().filter(({ view }) => view.viewnum > 0 && !isForeign(view, this.#parts.known));
    return areOfOneCluster(own) ? greatest(own) : undefined;
  }

  #give(told: ToldView): void {
    const before = this.#given;
    if (before !== undefined && told.view.viewnum <= before.view.viewnum) return;
    this.#given = told;
    if (before === undefined) this.#outcome.resolve(told);
    else this.#parts.onLate(told);
  }

  #giveUp(): void {
    const told = this.#inOrder();
    const views = told.filter(({ view }) => view.viewnum > 0);
    const foreign = greatest(views);
    const isSure = this.#failures.length === 0 && areOfOneCluster(views);
    if (foreign !== undefined && isSure) return this.#give(foreign);
    if (foreign !== undefined) return this.#outcome.reject(this.#rivals(told));
    const recovering = this.#failures.find(({ error }) => error.name === 'RECOVERING')?.error;
    const empty = told.find(({ recovers }) => recovers !== true);
    if (recovering === undefined && empty !== undefined) return this.#give(empty);
    this.#outcome.reject(recovering ?? together(this.#failures));
  }

  #rivals(told: readonly ToldView[]): UnderstudyError {
    const failures = this.#failures.filter(({ error }) => error.name !== 'RECOVERING');
    const silent = failures.map(({ address, error }) => `${address}: ${error.message}`);
    const all = [statesInWords(told), ...silent].join('; ');
    const { cluster } = this.#parts.known;
    const why = cluster === undefined ? 'they rule several clusters' : `none tells a view of cluster ${cluster}`;
    const message = `the monitors disagree: ${why} (${all})`;
    return new UnderstudyError('INVALID_REQUEST', message, { definite: false });
  }

  /** In the order in which the addresses were given. */
  #inOrder(): readonly ToldView[] {
    const { addresses } = this.#parts;
    return [...this.#told].sort((one, other) => addresses.indexOf(one.address) - addresses.indexOf(other.address));
  }
}

function greatest(told: readonly ToldView[]): ToldView | undefined {
  return told.reduce(
    (best: ToldView | undefined, each) => (best === undefined || each.view.viewnum > best.view.viewnum ? each : best),
    undefined,
  );
}

function areOfOneCluster(told: readonly ToldView[]): boolean {
  return new Set(told.flatMap(({ view }) => view.cluster ?? [])).size <= 1;
}

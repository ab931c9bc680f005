/** The newest view that the client knows, and the asking for a newer one: one refresh and one wait serve all (C1, C2). */
import { type Random, type Timer, UnderstudyError } from '@understudy/rpc';
import { NO_VIEW, type View } from '@understudy/sysmonitor';
import type { Announcer } from './notice.ts';
import { jittered } from './retry-policy.ts';
import type { Revisions } from './revisions.ts';
import { type Limit, type Patience, WaitingLine, type WaitingParts } from './waiting-line.ts';

export interface ViewCacheOptions extends WaitingParts {
  readonly random: Random;
  readonly pingIntervalMs: number;
  /** To begin with. */
  readonly view?: View | undefined;
  /** Asks a monitor; fails with an UnderstudyError when none answers. An answer that comes after that is told. */
  readonly askMonitor: (onLate: (view: View) => void) => Promise<View>;
  /** How several monitors disagree, in words; "" while they do not. */
  readonly disagreement: () => string;
  readonly announcer: Announcer;
  readonly revisions: Revisions;
}

/** The answer to the first one may be on its way still when the last one is asked. */
const MOST_QUESTIONS = 4;
/** How a failure begins that says so by itself. */
const RIVALS = 'the monitors disagree';

/** What a question came to: the failure, when the monitor gave no view. */
type Answer = UnderstudyError | undefined;

export class ViewCache {
  readonly #options: ViewCacheOptions;
  /** Those whose tries failed. */
  readonly #round: WaitingLine<void>;
  /** Those who cannot try at all yet. */
  readonly #beginners: WaitingLine<void>;
  /** Those who wait for an answer that may only be slow. */
  readonly #watchers: WaitingLine<void>;
  readonly #answers: WaitingLine<Answer>;
  #known: View;
  #roundEnd: Timer | undefined = undefined;
  /** Why the last question brought no primary; "" where it did. */
  #trouble = '';
  #monitorsDisagree = false;
  #isAsking = false;
  #isClosed = false;

  constructor(options: ViewCacheOptions) {
    this.#options = options;
    this.#known = options.view ?? NO_VIEW;
    this.#round = new WaitingLine(options);
    this.#beginners = new WaitingLine(options);
    this.#watchers = new WaitingLine(options);
    this.#answers = new WaitingLine(options);
  }

  get known(): View {
    return this.#known;
  }

  /**
   * Why no monitor names a primary, and how monitors disagree, in words; "" where nothing is wrong, or none was
   * asked yet.
   */
  get trouble(): string {
    const views = this.#options.disagreement();
    if (views === '' || this.#trouble.startsWith(RIVALS)) return this.#trouble;
    return this.#trouble === '' ? `${RIVALS}: ${views}` : `${this.#trouble}; ${RIVALS}: ${views}`;
  }

  /** True when this view is newer than the known one. Only a monitor is believed about another cluster. */
  learn(view: View, source: 'monitor' | 'server'): boolean {
    const isForeign = isOfAnotherCluster(view, this.#known);
    const isNewer = isForeign ? source === 'monitor' : view.viewnum > this.#known.viewnum;
    if (!isNewer) {
      // Within a view only the syncing set changes, and only shrinks (R4).
      if (!isForeign && source === 'monitor' && isFurther(view, this.#known)) this.#known = view;
      return false;
    }
    if (isForeign) this.#options.revisions.forget();
    this.#known = view;
    this.#options.announcer.say({ kind: 'view', view, source });
    if (view.primary !== '') this.#beginners.serveAll();
    this.#watchers.serveAll();
    this.#endRound();
    return true;
  }

  /** Resolves once a view with a primary is known, asking for it until then, however long that takes. */
  first(patience: Patience): Promise<void> {
    return this.#wait(this.#beginners, patience);
  }

  /**
   * Resolves once a view other than `than` is known, asking for it at once, or when it is time for a next try all the same (C2).
   * The wait runs while the monitor is asked, so a monitor that hangs holds nobody up. Who comes while others wait joins
   * them: his own wait is the shorter for it, and no second question is asked.
   */
  async newer(than: View, patience: Patience): Promise<void> {
    if (this.#known === than) await this.#wait(this.#round, patience);
  }

  /** Resolves once a view other than `than` is known, or when the time is over; asks nobody. */
  async change(than: View, patience: Patience, ms: number): Promise<void> {
    if (this.#known === than) await this.#watchers.wait(patience, { ms, value: undefined });
  }

  /** Resolves with the answer to a question; one that was asked already will do. */
  answer(patience: Patience, limit?: Limit<Answer>): Promise<Answer> {
    if (!this.#isAsking) void this.#ask();
    return this.#answers.wait(patience, limit);
  }

  /** The same, and asks again, several times in a row, where no answer comes in time. */
  async answerInTime(patience: Patience): Promise<Answer> {
    for (let asked = 1; ; asked++) {
      const failure = await this.answer(patience);
      if (failure?.name !== 'TIMEOUT' || asked === MOST_QUESTIONS) return failure;
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#round.dismiss('CLOSED');
    this.#beginners.dismiss('CLOSED');
    this.#watchers.dismiss('CLOSED');
    this.#answers.dismiss('CLOSED');
    this.#endRound();
  }

  async #wait(line: WaitingLine<void>, patience: Patience): Promise<void> {
    if (this.#roundEnd === undefined) this.#beginRound();
    try {
      await line.wait(patience);
    } finally {
      if (this.#round.length + this.#beginners.length === 0) this.#endRound();
    }
  }

  #beginRound(): void {
    const { clock, random, pingIntervalMs } = this.#options;
    this.#roundEnd = clock.after(jittered(pingIntervalMs, random), () => this.#endRound());
    if (!this.#isAsking) void this.#ask();
  }

  #endRound(): void {
    this.#roundEnd?.cancel();
    this.#roundEnd = undefined;
    this.#round.serveAll();
    if (this.#beginners.length > 0) this.#beginRound();
  }

  /** One question at a time; it may outlast the round that asked it. */
  async #ask(): Promise<void> {
    this.#isAsking = true;
    this.#options.announcer.say({ kind: 'asking' });
    try {
      this.#take(await this.#options.askMonitor((view) => this.#take(view)));
    } catch (error) {
      this.#noteUnanswered(error);
    } finally {
      this.#isAsking = false;
      this.#noteDisagreement();
    }
  }

  /** Said once, until they agree again. */
  #noteDisagreement(): void {
    const views = this.#options.disagreement();
    const isNews = (views !== '') !== this.#monitorsDisagree;
    this.#monitorsDisagree = views !== '';
    if (isNews && views !== '' && !this.#isClosed) this.#options.announcer.say({ kind: 'monitors-disagree', views });
  }

  #take(view: View): void {
    if (this.#isClosed) return;
    this.#trouble = view.primary === '' ? 'the monitor knows of no primary yet' : '';
    this.learn(view, 'monitor');
    this.#answers.serveAll(undefined);
  }

  #noteUnanswered(error: unknown): void {
    if (this.#isClosed) return;
    if (error instanceof UnderstudyError) {
      this.#trouble = error.message;
      this.#options.announcer.say({ kind: 'unanswered', reason: error.name, message: error.message });
      this.#answers.serveAll(error);
      return;
    }
    const defect = error instanceof Error ? error : new Error(String(error));
    this.#round.dismiss(defect);
    this.#beginners.dismiss(defect);
    this.#answers.dismiss(defect);
  }
}

function isFurther(view: View, known: View): boolean {
  return view.viewnum === known.viewnum && view.syncing.length < known.syncing.length;
}

function isOfAnotherCluster(view: View, known: View): boolean {
  return view.cluster !== undefined && known.cluster !== undefined && view.cluster !== known.cluster;
}

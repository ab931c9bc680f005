/**
 * Keeps the newest view that the client knows, and asks the monitor for a newer one. One request and one wait serve all
 * waiting operations (C1, C2).
 *
 * Without this, every operation that waits during a failover would ask the monitor by itself.
 */
import { type Random, type Timer, UnderstudyError } from '@understudy/rpc';
import { NO_VIEW, type View } from '@understudy/sysmonitor';
import type { Announcer } from './notice.ts';
import { jittered } from './retry-policy.ts';
import type { Revisions } from './revisions.ts';
import { type Limit, type Patience, WaitingLine, type WaitingParts } from './waiting-line.ts';

export interface ViewCacheOptions extends WaitingParts {
  readonly random: Random;
  readonly pingIntervalMs: number;
  /** The initial view. */
  readonly view?: View | undefined;
  /**
   * Asks a monitor; fails with an UnderstudyError if none answers. `onLate` receives an answer that arrives after that.
   */
  readonly askMonitor: (onLate: (view: View) => void) => Promise<View>;
  /** How the monitors disagree, in words; "" if they do not. */
  readonly disagreement: () => string;
  readonly announcer: Announcer;
  readonly revisions: Revisions;
}

/** The most questions in a row. The answer to the first one may still be on its way when the last one is asked. */
const MOST_QUESTIONS = 4;
/** The prefix of a failure that already describes the disagreement. */
const RIVALS = 'the monitors disagree';

/** The result of a question: the failure, if no monitor gave a view. */
type Answer = UnderstudyError | undefined;

export class ViewCache {
  readonly #options: ViewCacheOptions;
  /** Operations whose last try failed. */
  readonly #round: WaitingLine<void>;
  /** Operations that cannot try at all, because no primary is known. */
  readonly #beginners: WaitingLine<void>;
  /** Operations that wait for an answer that may only be slow. */
  readonly #watchers: WaitingLine<void>;
  readonly #answers: WaitingLine<Answer>;
  #known: View;
  #roundEnd: Timer | undefined = undefined;
  /** Why the last question brought no primary; "" if it did. */
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
   * Why no monitor names a primary, and how monitors disagree, in words; "" if nothing is wrong or no monitor was asked
   * yet.
   */
  get trouble(): string {
    const views = this.#options.disagreement();
    if (views === '' || this.#trouble.startsWith(RIVALS)) return this.#trouble;
    return this.#trouble === '' ? `${RIVALS}: ${views}` : `${this.#trouble}; ${RIVALS}: ${views}`;
  }

  /**
   * Takes over a view if it is newer than the known one, and returns whether it was. Only a monitor is believed about
   * another cluster.
   */
  learn(view: View, source: 'monitor' | 'server'): boolean {
    const isForeign = isOfAnotherCluster(view, this.#known);
    const isNewer = isForeign ? source === 'monitor' : view.viewnum > this.#known.viewnum;
    if (!isNewer) {
      // Within a view only the syncing set changes, and it can only shrink (R4).
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

  /** Resolves once a view with a primary is known. Asks for it until then, however long that takes. */
  first(patience: Patience): Promise<void> {
    return this.#wait(this.#beginners, patience);
  }

  /**
   * Resolves once a view other than `than` is known, or when the next try is due anyway (C2). Asks the monitor at once.
   * The wait runs during that question, so a monitor that hangs delays no operation. An operation that arrives while
   * others wait joins them: its own wait is shorter, and no second question is asked.
   */
  async newer(than: View, patience: Patience): Promise<void> {
    if (this.#known === than) await this.#wait(this.#round, patience);
  }

  /** Resolves once a view other than `than` is known, or after `ms`. Asks no monitor. */
  async change(than: View, patience: Patience, ms: number): Promise<void> {
    if (this.#known === than) await this.#watchers.wait(patience, { ms, value: undefined });
  }

  /** Resolves with the answer to a question. A question in progress is used if there is one. */
  answer(patience: Patience, limit?: Limit<Answer>): Promise<Answer> {
    if (!this.#isAsking) void this.#ask();
    return this.#answers.wait(patience, limit);
  }

  /** As `answer`, but asks again, up to several times in a row, if no answer comes in time. */
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

  /** Asks one question at a time. It may outlast the round that asked it. */
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

  /** Reports a disagreement once, until the monitors agree again. */
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

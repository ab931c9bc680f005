/** One operation under way: its tries so far, how long its caller waits, and the truth about whether it may have been done. */
import { type FailureDetails, type FailureName, UnderstudyError } from '@understudy/rpc';
import type { View } from '@understudy/sysmonitor';
import { LateAnswer } from './late-answer.ts';
import type { Traits } from './operations.ts';
import type { SessionWindow } from './session-window.ts';
import type { GivingUp, Patience } from './waiting-line.ts';

export interface EffortOptions {
  readonly signal: AbortSignal | undefined;
  /** On the clock's `now()`; Infinity: the caller waits for ever. */
  readonly deadlineMs: number;
  /** A read that a backup may answer (L5). */
  readonly isSequential: boolean;
  /** Of a read: the revision that it must not be older than. */
  readonly atLeast: number | undefined;
  /** Why no monitor tells who is primary, and what is slow about this server; "" where nothing is wrong. */
  readonly trouble: (server: string) => string;
}

const GIVEN_UP: ReadonlySet<FailureName> = new Set<FailureName>(['TIMEOUT', 'CLOSED', 'ABORTED']);

export interface SlowTry {
  readonly isMoving: boolean;
  readonly bytes: number;
}

/** What a request says of its operation beside what is wanted: its place in a session, or what a read may show. */
export type Numbered = Pick<Effort, 'window' | 'seq' | 'isSequential' | 'atLeast'>;

export class Effort implements Patience {
  readonly name: string;
  readonly changes: boolean;
  readonly signal: AbortSignal | undefined;
  readonly deadlineMs: number;
  readonly isSequential: boolean;
  readonly atLeast: number | undefined;

  /** Its place in a session; all tries bear the same (S2). Without one: not numbered yet, or an operation that needs none. */
  window: SessionWindow | undefined = undefined;
  seq = 0;

  /** Of the latest try: the view it went by, where to, with which flight of others, and whether the caller's patience ended with it. */
  view: View | undefined = undefined;
  server = '';
  isLastTry = false;
  atBackup = false;
  flight = 0;

  /** The next try may go to a backup; one that failed there goes on at the primary. */
  mayReadBackup: boolean;

  /** It counts among those that may be at the servers. */
  isAdmitted = false;

  #late: LateAnswer | undefined = undefined;
  /** Of the latest try, if it was slow. */
  slow: SlowTry | undefined = undefined;

  tries = 0;
  sessionsLost = 0;
  readonly #trouble: (server: string) => string;
  #mayHaveArrived = false;
  #lastFailure: UnderstudyError | undefined = undefined;

  constructor({ name, changes }: Traits, { signal, deadlineMs, isSequential, atLeast, trouble }: EffortOptions) {
    this.name = name;
    this.changes = changes;
    this.signal = signal;
    this.deadlineMs = deadlineMs;
    this.isSequential = isSequential;
    this.atLeast = atLeast;
    this.mayReadBackup = isSequential;
    this.#trouble = trouble;
  }

  /** No server may have done it, or may do it yet. What changes nothing is never in doubt. */
  get isDefinitelyNotDone(): boolean {
    return !this.changes || !this.#mayHaveArrived;
  }

  /** A try failed. One that may have arrived makes the whole unknown, whatever a later one is told (S6). */
  noteFailure(failure: UnderstudyError): void {
    this.#lastFailure = failure;
    if (!failure.definite) this.#mayHaveArrived = true;
  }

  /** The answer to a try that was slow; the first one counts. Made when it is first asked for: most operations never need it. */
  get late(): LateAnswer {
    this.#late ??= new LateAnswer();
    return this.#late;
  }

  /** What came for a slow try, if anything did. */
  get lateAnswer(): LateAnswer['given'] {
    return this.#late?.given;
  }

  noteSlow(slow: SlowTry): void {
    this.slow = slow;
  }

  answerLate(answer: unknown): void {
    this.late.give(answer);
  }

  giveUp(how: GivingUp): UnderstudyError {
    const why = { TIMEOUT: 'no answer in time', ABORTED: 'the caller aborted it', CLOSED: 'the client was closed' }[
      how
    ];
    return this.fail(how, `${this.name}: ${why}; ${this.#fate()}`);
  }

  /**
   * What the caller gets. How a wait ended is decided in a timer or a listener; made here, where the operation goes on, its stack leads to
   * the line that waits for it.
   */
  toldToCaller(failure: unknown): unknown {
    if (!(failure instanceof UnderstudyError) || !GIVEN_UP.has(failure.name)) return failure;
    const { name, message, definite, data } = failure;
    const cause = name === 'ABORTED' ? this.signal?.reason : failure.cause;
    return new UnderstudyError(name, message, { definite, data, cause });
  }

  /** The last failure, with the truth about all tries. */
  failAs(failure: UnderstudyError): UnderstudyError {
    if (failure.definite === this.isDefinitelyNotDone) return failure;
    return this.fail(failure.name, failure.message, failure.data);
  }

  fail(name: FailureName, message: string, data: FailureDetails['data'] = {}): UnderstudyError {
    return new UnderstudyError(name, message, {
      definite: this.isDefinitelyNotDone,
      data: { ...data, operation: this.name, tries: this.tries, ...(this.server !== '' && { server: this.server }) },
      cause: this.#lastFailure,
    });
  }

  #fate(): string {
    const fate = this.isDefinitelyNotDone ? 'it is certainly not done' : 'it may or may not take effect';
    const last = this.#lastFailure;
    const tries = this.tries === 1 ? 'its one try' : `the last of ${this.tries} tries`;
    const reasons = [last === undefined ? '' : `${tries} failed: ${last.message}`, this.#trouble(this.server)];
    const why = reasons.filter((reason) => reason !== '').join('; ');
    return why === '' ? fate : `${fate}: ${why}`;
  }
}

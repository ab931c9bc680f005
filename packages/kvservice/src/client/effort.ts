/**
 * One operation in progress: its tries so far, how long its caller waits, and whether it may have been executed.
 *
 * A try that may have arrived makes the whole outcome unknown, whatever later tries are told (S6). Every error that the
 * caller gets is made here, so `definite` always covers all tries.
 */
import { type FailureDetails, type FailureName, UnderstudyError } from '@understudy/rpc';
import type { View } from '@understudy/sysmonitor';
import { LateAnswer } from './late-answer.ts';
import type { Traits } from './operations.ts';
import type { SessionWindow } from './session-window.ts';
import type { GivingUp, Patience } from './waiting-line.ts';

export interface EffortOptions {
  readonly signal: AbortSignal | undefined;
  /** The deadline on the clock's `now()`; Infinity if the caller waits for ever. */
  readonly deadlineMs: number;
  /** A read that a backup may answer (L5). */
  readonly isSequential: boolean;
  /** For a read: the lowest revision that its answer may show. */
  readonly atLeast: number | undefined;
  /** Why no monitor names a primary, and what is slow about this server; "" if nothing is wrong. */
  readonly trouble: (server: string) => string;
}

const GIVEN_UP: ReadonlySet<FailureName> = new Set<FailureName>(['TIMEOUT', 'CLOSED', 'ABORTED']);

export interface SlowTry {
  readonly isMoving: boolean;
  readonly bytes: number;
}

/** The part of a request besides the operation itself: its place in a session, or what a read may return. */
export type Numbered = Pick<Effort, 'window' | 'seq' | 'isSequential' | 'atLeast'>;

export class Effort implements Patience {
  readonly name: string;
  readonly changes: boolean;
  readonly signal: AbortSignal | undefined;
  readonly deadlineMs: number;
  readonly isSequential: boolean;
  readonly atLeast: number | undefined;

  /** Its place in a session, the same for all tries (S2). Undefined if it has no number yet, or needs none. */
  window: SessionWindow | undefined = undefined;
  seq = 0;

  /**
   * About the latest try: the view it used, its server, the flight it belonged to, and whether the caller's deadline
   * ends it.
   */
  view: View | undefined = undefined;
  server = '';
  isLastTry = false;
  atBackup = false;
  flight = 0;

  /** The next try may go to a backup. After a failure there, the operation continues at the primary. */
  mayReadBackup: boolean;

  /** It counts as one of the operations at the servers. */
  isAdmitted = false;

  #late: LateAnswer | undefined = undefined;
  /** About the latest try, if it was slow. */
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

  /**
   * True if no server has executed the operation or can still execute it. Always true for an operation that changes
   * nothing.
   */
  get isDefinitelyNotDone(): boolean {
    return !this.changes || !this.#mayHaveArrived;
  }

  /** Records a failed try. If the try may have arrived, the outcome is unknown, whatever a later try is told (S6). */
  noteFailure(failure: UnderstudyError): void {
    this.#lastFailure = failure;
    if (!failure.definite) this.#mayHaveArrived = true;
  }

  /**
   * The late answer to a slow try; the first one counts. Created on first use, because most operations never need it.
   */
  get late(): LateAnswer {
    this.#late ??= new LateAnswer();
    return this.#late;
  }

  /** The late answer, if one has arrived. */
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
   * Returns the error for the caller. The end of a wait is decided in a timer or a listener. The error is made here,
   * where the operation continues, so that its stack leads to the line that awaits the operation.
   */
  toldToCaller(failure: unknown): unknown {
    if (!(failure instanceof UnderstudyError) || !GIVEN_UP.has(failure.name)) return failure;
    const { name, message, definite, data } = failure;
    const cause = name === 'ABORTED' ? this.signal?.reason : failure.cause;
    return new UnderstudyError(name, message, { definite, data, cause });
  }

  /** Returns the last failure, with `definite` set for all tries. */
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

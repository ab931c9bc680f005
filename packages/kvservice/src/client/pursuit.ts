/** Retries an operation until it has an answer or its caller gives up (C2); one (session, seq) makes that safe (S3). */
import { type Params, PatientCalls, type Random, UnderstudyError, unreachable } from '@understudy/rpc';
import type { View } from '@understudy/sysmonitor';
import { Admission, refusedWhileClosing } from './admission.ts';
import { Batcher, bytesOf } from './batcher.ts';
import type { Caller } from './caller.ts';
import { Effort } from './effort.ts';
import { NextTry } from './next-try.ts';
import type { Announcer, ClientNotice } from './notice.ts';
import { numberedParams } from './numbered-params.ts';
import { OPEN_SESSION, type Operation, resultOf, type Traits } from './operations.ts';
import { checkOptions, type OperationOptions, type Settings } from './options.ts';
import { isCongestion, jittered, pauseAfter, type Verdict, verdictOn } from './retry-policy.ts';
import type { Revisions } from './revisions.ts';
import { chooseServer } from './server-choice.ts';
import type { Sessions } from './sessions.ts';
import { Standstill } from './standstill.ts';
import { viewTold } from './told-view.ts';
import type { ViewCache } from './view-cache.ts';
import { WaitingLine, type WaitingParts } from './waiting-line.ts';

export interface PursuitParts extends WaitingParts {
  readonly settings: Settings;
  readonly random: Random;
  readonly caller: Caller;
  readonly views: ViewCache;
  readonly sessions: Sessions;
  readonly revisions: Revisions;
  readonly announcer: Announcer;
  /** Called when nothing was answered for a long time. */
  readonly warn: (notice: Extract<ClientNotice, { readonly kind: 'waiting' }>) => void;
}

const NO_OPTIONS: OperationOptions = {};
const UPDATE_VIEW: Traits = { name: 'updateView', changes: false, consistencies: ['linearizable'] };

export class Pursuit {
  readonly #parts: PursuitParts;
  readonly #pauses: WaitingLine<void>;
  readonly #calls: PatientCalls;
  readonly #batcher: Batcher;
  readonly #nextTry: NextTry;
  readonly #admission: Admission;
  readonly #standstill: Standstill;
  #isDraining = false;
  #isClosed = false;

  constructor(parts: PursuitParts) {
    const { clock, caller, settings, announcer } = parts;
    this.#parts = parts;
    this.#calls = new PatientCalls({
      clock,
      shortestMs: settings.tryTimeoutMs,
      call: (to, method, params, { timeoutMs, signal, slow }) =>
        caller.call(to, method, params, { timeoutMs, signal, slow }),
    });
    this.#batcher = new Batcher({
      clock,
      calls: this.#calls,
      paramsOf: (request, numbered) => numberedParams(request, numbered, parts.revisions.highest),
      onSlow: ({ flight }) => this.#admission.congested(flight),
    });
    this.#nextTry = new NextTry({ ...parts, roundTrips: this.#calls.roundTrips });
    this.#pauses = new WaitingLine(parts);
    this.#standstill = new Standstill({
      clock,
      trouble: () => this.#trouble(''),
      say: (notice) => parts.warn(notice),
    });
    announcer.onTry = (failure) => this.#standstill.look(failure);
    const { aborts } = parts;
    const { maxInFlight, maxWaiting } = settings;
    this.#admission = new Admission({ clock, aborts, maxInFlight, maxWaiting });
  }

  /** Runs an operation. If too many already wait, it fails at once, before the arguments are checked. */
  run<Request extends Params, Result>(
    operation: Operation<Request, Result>,
    request: Request,
    options: OperationOptions = NO_OPTIONS,
  ): Promise<Result> {
    if (operation.isOwn !== true) {
      if (this.#isDraining) return Promise.reject(refusedWhileClosing(operation.name));
      if (this.#admission.isFull) return Promise.reject(this.#admission.refusal());
    }
    return this.#pursue(operation, request, options);
  }

  /** Asks the monitor for the view. Fails if it does not answer, or several times in a row not in time. */
  async updateView(options: OperationOptions = NO_OPTIONS): Promise<View> {
    const effort = this.#begin(UPDATE_VIEW, options);
    try {
      this.#assertWanted(effort);
      const failure = await this.#parts.views.answerInTime(effort);
      if (failure !== undefined) throw effort.failAs(failure);
      return this.#parts.views.known;
    } catch (failure) {
      throw effort.toldToCaller(failure);
    }
  }

  /** Refuses new operations, and resolves when all operations in progress have ended, also by `close`. */
  drain(): Promise<void> {
    this.#isDraining = true;
    return this.#standstill.idle();
  }

  /** Fails all that waits here at once. The rest fails at its next step, as does every later operation. */
  close(): void {
    this.#isClosed = true;
    this.#admission.close();
    this.#pauses.dismiss('CLOSED');
  }

  /**
   * Tries until there is an answer. If the view is known and the session is open, the first try leaves within this
   * call, so operations started in one turn leave in one write (C3).
   */
  async #pursue<Request extends Params, Result>(
    operation: Operation<Request, Result>,
    request: Request,
    options: OperationOptions,
  ): Promise<Result> {
    const effort = this.#begin(operation, options);
    operation.check(request, this.#parts.settings.limits);
    const isOwn = operation.isOwn === true;
    if (!isOwn) this.#standstill.begin();
    try {
      if (!isOwn) {
        if (!this.#admission.enter()) await this.#admission.wait(effort);
        effort.isAdmitted = true;
      }
      for (;;) {
        if (effort.lateAnswer !== undefined) return this.#resultOf(operation, effort.lateAnswer.answer);
        this.#assertWanted(effort);
        if (!this.#isReady(effort)) {
          await this.#makeReady(effort);
          continue;
        }
        try {
          const trying = this.#try(operation, request, effort);
          const answer = await (effort.tries === 1 ? trying : effort.late.orElse(trying));
          if (effort.lateAnswer === undefined) return this.#resultOf(operation, answer);
        } catch (failure) {
          if (effort.lateAnswer === undefined) await this.#afterFailure(effort, failure);
        }
      }
    } catch (failure) {
      throw effort.toldToCaller(failure);
    } finally {
      this.#parts.sessions.settle(effort);
      if (effort.isAdmitted) this.#admission.leave();
      if (!isOwn) this.#standstill.end();
    }
  }

  #resultOf<Result>(operation: Operation<never, Result>, answer: unknown): Result {
    this.#admission.answered();
    this.#standstill.answered();
    return resultOf(operation, answer, this.#parts.revisions);
  }

  /** In words. An operation without a session was sent to no server yet, so the primary's state counts. */
  readonly #trouble = (server: string): string => {
    const { views, sessions } = this.#parts;
    const { trouble, known } = views;
    const slow = this.#calls.roundTrips.words(server === '' ? known.primary : server);
    return [trouble, server === '' ? sessions.trouble : '', slow].filter((text) => text !== '').join('; ');
  };

  #begin(traits: Traits, options: OperationOptions): Effort {
    if (options !== NO_OPTIONS) checkOptions(options, traits);
    const timeoutMs = options.timeout ?? this.#parts.settings.timeoutMs;
    return new Effort(traits, {
      signal: options.signal,
      deadlineMs: timeoutMs === Infinity ? Infinity : this.#parts.clock.now() + timeoutMs,
      isSequential: options.consistency === 'sequential',
      atLeast: options.atLeast,
      trouble: this.#trouble,
    });
  }

  /** Throws if the client is closed, or the caller has aborted or run out of time. */
  #assertWanted(effort: Effort): void {
    if (this.#isClosed) throw effort.giveUp('CLOSED');
    if (effort.signal?.aborted) throw effort.giveUp('ABORTED');
    if (this.#remainingMs(effort) <= 0) throw effort.giveUp('TIMEOUT');
  }

  #remainingMs({ deadlineMs }: Effort): number {
    return deadlineMs === Infinity ? Infinity : deadlineMs - this.#parts.clock.now();
  }

  #isReady(effort: Effort): boolean {
    if (this.#parts.views.known.primary === '') return false;
    return !effort.changes || effort.window !== undefined || this.#parts.sessions.number(effort);
  }

  #makeReady(effort: Effort): Promise<void> {
    const { views, sessions } = this.#parts;
    return views.known.primary === '' ? views.first(effort) : sessions.awaitNumber(effort);
  }

  #try(operation: Operation<never, unknown>, request: Params, effort: Effort): Promise<unknown> {
    const { views } = this.#parts;
    const remainingMs = this.#remainingMs(effort);
    effort.tries++;
    effort.slow = undefined;
    effort.view = views.known;
    effort.flight = this.#admission.flight;
    effort.server = chooseServer(effort, views.known, this.#parts.random);
    effort.isLastTry = remainingMs !== Infinity && remainingMs <= this.#slowAfterMs(effort.server, request);
    if (!effort.isLastTry && this.#batcher.takes(operation, effort))
      return this.#batcher.add(effort.server, { operation, request, effort });
    const bytes = bytesOf(request);
    return this.#calls.call(
      effort.server,
      operation.method,
      numberedParams(request, effort, this.#parts.revisions.highest),
      {
        timeoutMs: remainingMs,
        signal: effort.signal,
        bytes,
        onSlow: ({ isMoving }) => effort.noteSlow({ isMoving, bytes }),
        onLate: (answer) => effort.answerLate(answer),
      },
    );
  }

  #slowAfterMs(server: string, request: Params): number {
    return this.#calls.roundTrips.slowAfterMs(server, bytesOf(request));
  }

  /** Resolves when the next try is due; throws if there is none. */
  async #afterFailure(effort: Effort, failure: unknown): Promise<void> {
    if (!(failure instanceof UnderstudyError)) throw failure;
    effort.noteFailure(failure);
    if (effort.name === OPEN_SESSION.name) this.#parts.sessions.noteTrouble(failure.message);
    if (isCongestion(failure, effort)) this.#admission.congested(effort.flight);
    const view = viewTold(failure);
    if (view !== undefined) this.#parts.views.learn(view, 'server');
    const verdict = verdictOn(failure);
    if (verdict === 'final' && !effort.atBackup) throw effort.failAs(failure);
    // Not by the clock alone: a fraction of a millisecond may be left, which is too short for another try.
    if (effort.isLastTry && failure.name === 'TIMEOUT') throw effort.giveUp('TIMEOUT');
    this.#assertWanted(effort);
    this.#announceRetry(effort, failure);
    if (effort.atBackup) effort.mayReadBackup = false;
    else await this.#follow(verdict, effort, failure);
  }

  #announceRetry({ name, server }: Effort, failure: UnderstudyError): void {
    const { name: reason, message } = failure;
    this.#parts.announcer.say({ kind: 'retry', operation: name, reason, message, server });
  }

  #follow(verdict: Verdict, effort: Effort, failure: UnderstudyError): Promise<void> {
    const { settings, random } = this.#parts;
    switch (verdict) {
      case 'final':
        throw effort.failAs(failure);
      case 'ask':
        return this.#nextTry.due(effort, failure);
      case 'pause':
        return this.#standBack(effort, pauseAfter(failure, settings.pingIntervalMs, random));
      case 'session':
        return this.#changeSession(effort, failure);
      default:
        return unreachable(verdict);
    }
  }

  #pause(effort: Effort, ms: number): Promise<void> {
    return this.#pauses.wait(effort, { ms, value: undefined });
  }

  /** Waits before the next try. Others may take its place, so refused operations do not all return at once. */
  async #standBack(effort: Effort, ms: number): Promise<void> {
    if (!effort.isAdmitted) return this.#pause(effort, ms);
    effort.isAdmitted = false;
    this.#admission.leave();
    await this.#pause(effort, ms);
    await this.#admission.returnWhenPossible(effort);
    effort.isAdmitted = true;
  }

  /** An operation that may have been executed in a lost session is never sent again in another one (S7). */
  async #changeSession(effort: Effort, failure: UnderstudyError): Promise<void> {
    const { sessions, settings, random } = this.#parts;
    if (effort.window === undefined) throw effort.failAs(failure);
    sessions.lose(effort.window);
    if (!effort.isDefinitelyNotDone) {
      throw effort.fail('OUTCOME_UNKNOWN', `${effort.name}: its session ended; it may or may not have taken effect`);
    }
    sessions.settle(effort);
    effort.sessionsLost++;
    if (effort.sessionsLost > 1) await this.#pause(effort, jittered(settings.pingIntervalMs, random));
  }
}

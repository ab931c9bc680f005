/** The pursuit of an operation: try after try under one number, until there is an answer or the caller gives up (C2). */
import { type Params, PatientCalls, type Random, UnderstudyError, unreachable } from '@understudy/rpc';
import type { View } from '@understudy/sysmonitor';
import { Admission } from './admission.ts';
import { Batcher, bytesOf } from './batcher.ts';
import type { Caller } from './caller.ts';
import { Effort, type Numbered } from './effort.ts';
import { NextTry } from './next-try.ts';
import type { Announcer } from './notice.ts';
import { type Operation, resultOf, type Traits } from './operations.ts';
import { checkOptions, type OperationOptions, type Settings } from './options.ts';
import { jittered, pauseAfter, type Verdict, verdictOn } from './retry-policy.ts';
import type { Revisions } from './revisions.ts';
import type { Sessions } from './sessions.ts';
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
}

const NO_OPTIONS: OperationOptions = {};
/** The answer to the first one may be on its way still when the last one is asked. */
const MOST_QUESTIONS = 4;
const UPDATE_VIEW: Traits = { name: 'updateView', changes: false, consistencies: ['linearizable'] };

export class Pursuit {
  readonly #parts: PursuitParts;
  readonly #pauses: WaitingLine<void>;
  readonly #calls: PatientCalls;
  readonly #batcher: Batcher;
  readonly #nextTry: NextTry;
  readonly #admission: Admission;
  #isClosed = false;

  constructor(parts: PursuitParts) {
    const { clock, caller, settings } = parts;
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
      paramsOf: (request, numbered) => this.#paramsOf(request, numbered),
      onSlow: ({ flight }) => this.#admission.congested(flight),
    });
    this.#nextTry = new NextTry({ ...parts, roundTrips: this.#calls.roundTrips });
    this.#pauses = new WaitingLine(parts);
    const { aborts } = parts;
    const { maxInFlight, maxWaiting } = settings;
    this.#admission = new Admission({ clock, aborts, maxInFlight, maxWaiting });
  }

  /** Fails at once, and has looked at nothing yet, when too much waits here already. */
  run<Request extends Params, Result>(
    operation: Operation<Request, Result>,
    request: Request,
    options: OperationOptions = NO_OPTIONS,
  ): Promise<Result> {
    if (operation.isOwn !== true && this.#admission.isFull) return Promise.reject(this.#admission.refusal());
    return this.#pursue(operation, request, options);
  }

  /** A question to the monitor, whatever is known already; fails when it is not answered, or not in time several times in a row. */
  async updateView(options: OperationOptions = NO_OPTIONS): Promise<View> {
    const effort = this.#begin(UPDATE_VIEW, options);
    this.#assertWanted(effort);
    for (let asked = 1; ; asked++) {
      const failure = await this.#parts.views.answer(effort);
      if (failure === undefined) return this.#parts.views.known;
      if (failure.name !== 'TIMEOUT' || asked === MOST_QUESTIONS) throw effort.failAs(failure);
    }
  }

  /** What waits here fails at once; so does, at its next step, everything else, and whatever comes later. */
  close(): void {
    this.#isClosed = true;
    this.#admission.close();
    this.#pauses.dismiss('CLOSED');
  }

  /**
   * When the view is known and the session open, the first try leaves in the very call, so that what starts in one turn
   * leaves in one write (C3).
   */
  async #pursue<Request extends Params, Result>(
    operation: Operation<Request, Result>,
    request: Request,
    options: OperationOptions,
  ): Promise<Result> {
    const effort = this.#begin(operation, options);
    operation.check(request, this.#parts.settings.limits);
    if (operation.isOwn !== true) {
      if (!this.#admission.enter()) await this.#admission.wait(effort);
      effort.isAdmitted = true;
    }
    try {
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
    } finally {
      this.#parts.sessions.settle(effort);
      if (effort.isAdmitted) this.#admission.leave();
    }
  }

  #resultOf<Result>(operation: Operation<never, Result>, answer: unknown): Result {
    this.#admission.answered();
    return resultOf(operation, answer, this.#parts.revisions);
  }

  /** An operation that waits for a session was sent to no server yet: the primary is the one that matters. */
  readonly #trouble = (server: string): string => {
    const { trouble, known } = this.#parts.views;
    const slow = this.#calls.roundTrips.words(server === '' ? known.primary : server);
    return [trouble, slow].filter((text) => text !== '').join('; ');
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

  /** Nobody closed the client, gave up, or ran out of time. */
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
    effort.server = this.#serverFor(effort, views.known);
    effort.isLastTry = remainingMs !== Infinity && remainingMs <= this.#slowAfterMs(effort.server, request);
    if (!effort.isLastTry && this.#batcher.takes(operation, effort))
      return this.#batcher.add(effort.server, { operation, request, effort });
    const bytes = bytesOf(request);
    return this.#calls.call(effort.server, operation.method, this.#paramsOf(request, effort), {
      timeoutMs: remainingMs,
      signal: effort.signal,
      bytes,
      onSlow: ({ isMoving }) => effort.noteSlow({ isMoving, bytes }),
      onLate: (answer) => effort.answerLate(answer),
    });
  }

  #slowAfterMs(server: string, request: Params): number {
    return this.#calls.roundTrips.slowAfterMs(server, bytesOf(request));
  }

  #serverFor(effort: Effort, view: View): string {
    effort.atBackup = false;
    if (!effort.mayReadBackup) return view.primary;
    const backups = view.backups.filter((backup) => !view.syncing.includes(backup));
    const backup = backups[Math.floor(this.#parts.random.number() * backups.length)];
    effort.atBackup = backup !== undefined;
    return backup ?? view.primary;
  }

  /**
   * Every try has the operation's own number, and the latest `acked` (S2). The spread comes last: with fields behind one V8
   * takes 40 times as long.
   */
  #paramsOf(request: Params, { window, seq, isSequential, atLeast }: Numbered): object {
    if (window !== undefined) return { session: window.session, seq, acked: window.acked, ...request };
    if (!isSequential) return atLeast === undefined ? request : { atLeast, ...request };
    const { highest } = this.#parts.revisions;
    return { consistency: 'sequential', atLeast: Math.max(highest, atLeast ?? 0), ...request };
  }

  /** Returns when the next try is due; throws when there is none. */
  async #afterFailure(effort: Effort, failure: unknown): Promise<void> {
    if (!(failure instanceof UnderstudyError)) throw failure;
    effort.noteFailure(failure);
    if (isCongestion(failure, effort)) this.#admission.congested(effort.flight);
    const view = viewTold(failure);
    if (view !== undefined) this.#parts.views.learn(view, 'server');
    const verdict = verdictOn(failure);
    if (verdict === 'final' && !effort.atBackup) throw effort.failAs(failure);
    // Not by the clock alone: rounding may have left the tail of a millisecond, which is no time for another try.
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

  /** Others may take its place meanwhile, if the servers can do with so many: those refused do not come back all at once. */
  async #standBack(effort: Effort, ms: number): Promise<void> {
    if (!effort.isAdmitted) return this.#pause(effort, ms);
    effort.isAdmitted = false;
    this.#admission.leave();
    await this.#pause(effort, ms);
    await this.#admission.returnWhenPossible(effort);
    effort.isAdmitted = true;
  }

  /** What may have been done in the lost session is never sent again in another (S7). */
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

/** A try that its caller gave less time than others have says nothing of the servers. */
function isCongestion({ name }: UnderstudyError, { isLastTry }: Effort): boolean {
  return name === 'OVERLOADED' || (name === 'TIMEOUT' && !isLastTry);
}

/**
 * One call: its request, its caller, and whether the request has left.
 *
 * That last fact decides whether a failure is definite: a request that never left was certainly not executed; one that
 * left may have been.
 */
import type { AbortWatch } from './abort-watch.ts';
import { Deadline, type Deadlines } from './deadlines.ts';
import { type FailureName, UnderstudyError } from './failure.ts';
import type { SlowCall } from './transport.ts';

export interface NewCall {
  readonly id: number;
  /** The request as one line. */
  readonly text: string;
  readonly signal: AbortSignal | undefined;
  readonly slow: SlowDeadline | undefined;
  readonly aborts: AbortWatch;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: UnderstudyError) => void;
}

/** When a call counts as slow, and what to do then. Its final deadline comes after that. */
export interface SlowDeadline {
  readonly tell: SlowCall['tell'];
  /** The remaining time from that moment on. */
  readonly remainingMs: number;
  readonly deadlines: Deadlines;
}

/** The holder of a call: a queue, or a connection on which it waits for its answer. */
export interface CallKeeper {
  /** The caller gave up and has been told. */
  givenUp(call: Call, why: 'TIMEOUT' | 'ABORTED'): void;
  /** The call was sent and is slow. Returns whether bytes move on its connection. */
  isMoving(call: Call): boolean;
}

export class Call extends Deadline {
  readonly id: number;
  readonly length: number;
  keeper: CallKeeper | undefined;
  /** How much the connection had received when the call left. */
  heardBefore = -1;
  /** Bytes that the connection had handed to the system by then. */
  flushedBefore = 0;
  #slow: SlowDeadline | undefined;
  #text: string;
  #state: 'queued' | 'sent' | 'settled' = 'queued';
  readonly #resolve: (result: unknown) => void;
  readonly #reject: (error: UnderstudyError) => void;
  readonly #ignoreSignal: (() => void) | undefined;

  constructor({ id, text, signal, slow, aborts, resolve, reject }: NewCall) {
    super();
    this.id = id;
    this.length = text.length;
    this.#text = text;
    this.#slow = slow;
    this.#resolve = resolve;
    this.#reject = reject;
    if (signal !== undefined) this.#ignoreSignal = aborts.watch(signal, () => this.#giveUp('ABORTED', signal.reason));
  }

  get isQueued(): boolean {
    return this.#state === 'queued';
  }

  /** Returns the text for the socket. From now on the request may have arrived. */
  leave(keeper: CallKeeper, heardBefore: number): string {
    const text = this.#text;
    this.keeper = keeper;
    this.#text = '';
    this.#state = 'sent';
    this.heardBefore = heardBefore;
    return text;
  }

  succeed(result: unknown): void {
    if (this.#settle()) this.#resolve(result);
  }

  fail(error: UnderstudyError): void {
    if (this.#settle()) this.#reject(error);
  }

  /** Fails the call; definite exactly if the request never left. */
  end(name: FailureName, message: string, cause?: unknown): void {
    const definite = this.#state === 'queued';
    this.fail(
      new UnderstudyError(name, definite ? `${message}, before the request left` : message, { definite, cause }),
    );
  }

  override expire(): void {
    const slow = this.#slow;
    this.#slow = undefined;
    if (slow === undefined || this.#state !== 'sent') return this.#giveUp('TIMEOUT');
    slow.deadlines.add(this, slow.remainingMs);
    slow.tell(this.keeper?.isMoving(this) ?? false);
  }

  #giveUp(why: 'TIMEOUT' | 'ABORTED', cause?: unknown): void {
    this.end(why, why === 'TIMEOUT' ? 'no answer in time' : 'the caller gave up', cause);
    this.keeper?.givenUp(this, why);
  }

  #settle(): boolean {
    if (this.#state === 'settled') return false;
    this.#state = 'settled';
    this.#text = '';
    // V8 may keep a call for a while after it left a Map. It must not keep its caller's data in memory.
    this.#slow = undefined;
    this.remove();
    this.#ignoreSignal?.();
    return true;
  }
}

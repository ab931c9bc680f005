/** One call under way, as its caller sees it. */
import { type Address, type Timer, UnderstudyError } from '@understudy/rpc';
import type { ProcessRun } from './process-run.ts';

export interface CallParts {
  readonly number: number;
  readonly caller: ProcessRun;
  readonly address: Address;
  readonly method: string;
  readonly text: string;
  /** Names the connection that it takes, and its answer with it. */
  readonly lane: string;
  /** Ends the call when it aborts. */
  readonly signal: AbortSignal | undefined;
  readonly succeed: (value: unknown) => void;
  readonly fail: (error: UnderstudyError) => void;
}

export class Call {
  readonly number: number;
  readonly caller: ProcessRun;
  readonly address: Address;
  readonly method: string;
  readonly text: string;
  readonly lane: string;
  readonly signal: AbortSignal | undefined;
  /** The network decided that the answer to this call, once given, is lost. */
  replyLost = false;
  /** The event in which the request left. */
  readonly event: number;
  #withdrawn = false;
  #pending = true;
  /** The request was on its way at some time. */
  #left = false;
  readonly #parts: CallParts;
  #deadline: Timer | undefined;
  /** Called once, when the call is settled. */
  readonly #whenSettled: ((call: Call) => void)[] = [];

  constructor(parts: CallParts) {
    this.#parts = parts;
    this.number = parts.number;
    this.caller = parts.caller;
    this.address = parts.address;
    this.method = parts.method;
    this.text = parts.text;
    this.lane = parts.lane;
    this.signal = parts.signal;
    this.event = parts.caller.virtual.events;
  }

  get pending(): boolean {
    return this.#pending;
  }

  /** The request was taken back before it left. */
  get withdrawn(): boolean {
    return this.#withdrawn;
  }

  /** It cannot be taken back any more. */
  get hasLeft(): boolean {
    return this.#left && this.caller.virtual.events !== this.event;
  }

  /** What ends the call if no answer does. */
  guard(deadline: Timer): void {
    this.#deadline = deadline;
  }

  whenSettled(callback: (call: Call) => void): void {
    this.#whenSettled.push(callback);
  }

  sent(): void {
    this.#left = true;
  }

  succeed(value: unknown): void {
    if (this.#settle()) this.#parts.succeed(value);
  }

  fail(error: UnderstudyError): void {
    if (this.#settle()) this.#parts.fail(error);
  }

  /** The caller's own decision: definite when the request had not left, or can be taken back. */
  giveUp(name: 'TIMEOUT' | 'ABORTED' | 'CLOSED', message: string, cause?: unknown): void {
    if (!this.#pending) return;
    this.#withdrawn = !this.#left || this.caller.virtual.events === this.event;
    this.fail(UnderstudyError.answered(name, message, { definite: this.#withdrawn, cause }));
  }

  #settle(): boolean {
    if (!this.#pending) return false;
    this.#pending = false;
    this.#deadline?.cancel();
    for (const callback of this.#whenSettled) callback(this);
    return true;
  }
}

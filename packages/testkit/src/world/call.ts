/** One call under way, as its caller sees it. */
import { type Address, type Timer, UnderstudyError } from '@understudy/rpc';
import type { ProcessRun } from './process-run.ts';

export interface CallParts {
  readonly number: number;
  readonly caller: ProcessRun;
  readonly address: Address;
  readonly method: string;
  readonly text: string;
  /** The connection that the call and its answer use. */
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
  /** The network decided to lose the answer to this call. */
  replyLost = false;
  /** The event in which the request was sent. */
  readonly event: number;
  #withdrawn = false;
  #pending = true;
  /** The request was sent at some time. */
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

  /** It can no longer be taken back. */
  get hasLeft(): boolean {
    return this.#left && this.caller.virtual.events !== this.event;
  }

  /** Sets the timer that ends the call if no answer does. */
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

  /** The caller gives up. The failure is definite if the request had not left, or can be taken back. */
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

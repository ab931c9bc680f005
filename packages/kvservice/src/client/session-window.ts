/** The seqs of one session (S2): which are in use, and up to which one the client has all results. */
import { assert } from '@understudy/rpc';

/** The most seqs above `acked` in use at once. This bounds what the servers must remember of one session (S5). */
export const WINDOW = 16_384;

export class SessionWindow {
  /** The session's id from the server. */
  readonly session: string;
  /** One flag per place, by seq modulo the window: this seq is settled, and a lower one is not. */
  readonly #settled = new Uint8Array(WINDOW);
  #last = 0;
  #acked = 0;

  constructor(session: string) {
    this.session = session;
  }

  /** Every seq up to this one is settled: its result has arrived or is not needed any more. */
  get acked(): number {
    return this.#acked;
  }

  get hasRoom(): boolean {
    return this.#last - this.#acked < WINDOW;
  }

  /** Returns the next seq; the first is 1. */
  take(): number {
    assert(this.hasRoom, 'S2: no more seqs are under way than the window holds');
    return ++this.#last;
  }

  /** The result of this seq is not needed any more. */
  settle(seq: number): void {
    const settled = this.#settled;
    const isOpen = seq > this.#acked && seq <= this.#last && settled[seq % WINDOW] === 0;
    assert(isOpen, 'S2: a seq is settled once, after it was taken');
    settled[seq % WINDOW] = 1;
    while (settled[(this.#acked + 1) % WINDOW] === 1) settled[++this.#acked % WINDOW] = 0;
  }
}

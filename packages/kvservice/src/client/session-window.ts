/** One session's numbers (S2): which seqs are taken, and up to where every result is in the client's hands. */
import { assert } from '@understudy/rpc';

/** Seqs beyond `acked` that may be under way at once: bounds what the servers have to remember of one session (S5). */
export const WINDOW = 16_384;

export class SessionWindow {
  /** As the server named it. */
  readonly session: string;
  /** One flag a place, by seq modulo the window: this seq is settled, and a lower one is not. */
  readonly #settled = new Uint8Array(WINDOW);
  #last = 0;
  #acked = 0;

  constructor(session: string) {
    this.session = session;
  }

  /** Every seq up to this one is settled: its result is here, or nobody wants it any more. */
  get acked(): number {
    return this.#acked;
  }

  get hasRoom(): boolean {
    return this.#last - this.#acked < WINDOW;
  }

  /** The next seq, from 1. */
  take(): number {
    assert(this.hasRoom, 'S2: no more seqs are under way than the window holds');
    return ++this.#last;
  }

  /** The client wants nothing more of this seq. */
  settle(seq: number): void {
    const settled = this.#settled;
    const isOpen = seq > this.#acked && seq <= this.#last && settled[seq % WINDOW] === 0;
    assert(isOpen, 'S2: a seq is settled once, after it was taken');
    settled[seq % WINDOW] = 1;
    while (settled[(this.#acked + 1) % WINDOW] === 1) settled[++this.#acked % WINDOW] = 0;
  }
}

/**
 * Puts the events of several processes in the order in which they happened. They arrive through separate pipes, so a
 * newer event of one process may arrive before an older one of another. Each event is held for a moment before it is
 * passed on.
 */
import type { Clock, Timer } from '@understudy/rpc';

/** An event of one process may arrive this much later than a newer event of another. */
const HOLD_MS = 60;

export interface Dated {
  /** The wall clock, which all processes of one machine share. */
  readonly atMs: number;
}

/** Holds each item for a moment, and passes all on in the order of their times. */
export class Sequence<Item extends Dated> {
  readonly #clock: Clock;
  readonly #passOn: (item: Item) => void;
  #held: Item[] = [];
  #timer: Timer | undefined;

  constructor(clock: Clock, passOn: (item: Item) => void) {
    this.#clock = clock;
    this.#passOn = passOn;
  }

  add(item: Item): void {
    this.#held.push(item);
    this.#timer ??= this.#wait();
  }

  /** Passes on everything held. */
  flush(): void {
    this.#timer?.cancel();
    this.#pass(Number.POSITIVE_INFINITY);
  }

  #pass(untilMs: number): void {
    const ripe = this.#held.filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs);
    this.#held = this.#held.filter(({ atMs }) => atMs > untilMs);
    this.#timer = this.#held.length === 0 ? undefined : this.#wait();
    for (const item of ripe) this.#passOn(item);
  }

  #wait(): Timer {
    return this.#clock.after(HOLD_MS, () => this.#pass(this.#clock.wallNow() - HOLD_MS));
  }
}

/**
 * How much text of answers all connections of a listener make in one turn of the event loop. Large answers beyond that
 * wait for the next turns, first come, first served; small answers never wait. Without this, the answers to requests of
 * many connections that become known at the same moment would all become text in one turn, and pings would be late.
 */
import type { Clock } from './clock.ts';

/** UTF-16 units of text in one turn: about 10 ms of work. */
const TURN_UNITS = 2 * 1024 * 1024;
/** Less than this in a turn is not worth a timer: it stays counted in the turns after. */
const UNTIMED_UNITS = 64 * 1024;
/** An answer is small up to about so many units. */
const SMALL_UNITS = 4096;
/** What is counted for a number, a name, or any other part of an answer. */
const PART_UNITS = 8;

/** Makes text while `TextShare.hasRoom`. False: there was not room enough, and it must be called again. */
export type TextWork = () => boolean;

export class TextShare {
  readonly #clock: Clock;
  #units = 0;
  #isDue = false;
  #waiting: TextWork[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** For work that has waited: whether it may make more text in this turn. */
  get hasRoom(): boolean {
    return this.#units < TURN_UNITS;
  }

  /** For others: nobody waits, and there is room. */
  get isFree(): boolean {
    return this.#waiting.length === 0 && this.hasRoom;
  }

  /** Whether `answer`, which is not text yet, must wait. */
  mustWait(answer: unknown): boolean {
    return !this.isFree && !isSmall(answer);
  }

  /** So much text was made. */
  spend(units: number): void {
    this.#units += units;
    if (this.#units >= UNTIMED_UNITS) this.#goOnLater();
  }

  /** Calls back in a later turn, after all that wait already. */
  wait(work: TextWork): void {
    this.#waiting.push(work);
    this.#goOnLater();
  }

  /** As TurnShare.nextTurn: a timer that is set before this turn ends might be due in it. */
  #goOnLater(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    this.#clock.endOfTurn(() => this.#clock.after(0, this.#goOn));
  }

  readonly #goOn = (): void => {
    this.#isDue = false;
    this.#units = 0;
    while (this.hasRoom) {
      const work = this.#waiting.shift();
      if (work === undefined) return;
      // What has begun is finished first: parts of many answers at once would take much memory.
      if (!work()) this.#waiting.unshift(work);
    }
    if (this.#waiting.length > 0) this.#goOnLater();
  };
}

/** Looks at no more than what may be in a small answer. */
function isSmall(answer: unknown): boolean {
  return roomAfter(answer, SMALL_UNITS) >= 0;
}

/** Less than 0: there is not so much room. */
function roomAfter(value: unknown, room: number): number {
  if (typeof value === 'string') return room - PART_UNITS - value.length;
  if (typeof value !== 'object' || value === null) return room - PART_UNITS;
  if (ArrayBuffer.isView(value)) return room - value.byteLength;
  if ('toJSON' in value) return -1; // nobody knows
  let left = room - PART_UNITS;
  for (const part of Array.isArray(value) ? value : Object.values(value)) {
    left = roomAfter(part, left);
    if (left < 0) return left;
  }
  return left;
}

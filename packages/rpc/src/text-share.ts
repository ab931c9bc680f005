/**
 * Bounds the text of answers that all connections of a listener create in one turn of the event loop. Large answers
 * beyond the bound wait for later turns, first come, first served; small ones never wait. Without this, answers to many
 * connections that become known at the same moment would all become text in one turn, and pings would be late.
 */
import type { Clock } from './clock.ts';

/** The UTF-16 units of text per turn: about 10 ms of work. */
const TURN_UNITS = 2 * 1024 * 1024;
/** Less text than this is not worth a timer. It stays counted in later turns. */
const UNTIMED_UNITS = 64 * 1024;
/** The approximate size up to which an answer is small. */
const SMALL_UNITS = 4096;
/** Counted for a number, a name, or any other part of an answer. */
const PART_UNITS = 8;

/** Creates text while `TextShare.hasRoom`. Returns false if there was not enough room; it must then be called again. */
export type TextWork = () => boolean;

export class TextShare {
  readonly #clock: Clock;
  #units = 0;
  #isDue = false;
  #waiting: TextWork[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether work that has waited may create more text in this turn. */
  get hasRoom(): boolean {
    return this.#units < TURN_UNITS;
  }

  /** Whether other work may create text: none waits, and there is room. */
  get isFree(): boolean {
    return this.#waiting.length === 0 && this.hasRoom;
  }

  /** Whether `answer`, which is not text yet, must wait. */
  mustWait(answer: unknown): boolean {
    return !this.isFree && !isSmall(answer);
  }

  /** Records text that was created. */
  spend(units: number): void {
    this.#units += units;
    if (this.#units >= UNTIMED_UNITS) this.#goOnLater();
  }

  /** Calls back in a later turn, after all work that already waits. */
  wait(work: TextWork): void {
    this.#waiting.push(work);
    this.#goOnLater();
  }

  /** As in TurnShare.nextTurn: a timer that is set before this turn ends might fire within it. */
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
      // Started work is finished first, because parts of many answers at once would take much memory.
      if (!work()) this.#waiting.unshift(work);
    }
    if (this.#waiting.length > 0) this.#goOnLater();
  };
}

/** Looks at no more parts than a small answer can have. */
function isSmall(answer: unknown): boolean {
  return roomAfter(answer, SMALL_UNITS) >= 0;
}

/** Returns the remaining room; negative if the value does not fit. */
function roomAfter(value: unknown, room: number): number {
  if (typeof value === 'string') return room - PART_UNITS - value.length;
  if (typeof value !== 'object' || value === null) return room - PART_UNITS;
  if (ArrayBuffer.isView(value)) return room - value.byteLength;
  if ('toJSON' in value) return -1; // its size is unknown
  let left = room - PART_UNITS;
  for (const part of Array.isArray(value) ? value : Object.values(value)) {
    left = roomAfter(part, left);
    if (left < 0) return left;
  }
  return left;
}

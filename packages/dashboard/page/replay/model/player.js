/** The moment that the replay shows, and how it moves: continuously while playing, step by step otherwise. */

/** @import { Timeline } from './timeline.js' */
/** @import { TraceEvent } from './trace.d.ts' */

/** Virtual time per real time. `Infinity`: as fast as possible. */
export const SPEEDS = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, Number.POSITIVE_INFINITY];

/** At that speed, the whole run takes this many frames, because more could not be seen. */
const FEWEST_FRAMES = 240;

/** @typedef {'event' | 'message' | 'view'} Step */

export class Player {
  /** @type {Timeline} */
  #timeline;
  /** Virtual milliseconds. */
  at = 0;
  /** The place of the last event that has happened. At one moment there may be several events. */
  place = 0;
  isPlaying = false;
  speed = 0.01;

  /** @param {Timeline} timeline */
  constructor(timeline) {
    this.#timeline = timeline;
  }

  get isAtEnd() {
    return this.place >= this.#timeline.events.length - 1;
  }

  /** Starts from the beginning if the run is at its end. */
  play() {
    if (this.isAtEnd) this.seek(0);
    this.isPlaying = true;
  }

  pause() {
    this.isPlaying = false;
  }

  /** @param {number} at virtual milliseconds */
  seek(at) {
    this.at = Math.max(0, Math.min(at, this.#timeline.endAt));
    this.place = this.#timeline.placeAt(this.at);
  }

  /** @param {number} place */
  goTo(place) {
    this.place = Math.max(0, Math.min(place, this.#timeline.events.length - 1));
    this.at = this.#timeline.events[this.place]?.at ?? 0;
  }

  /** This much real time has passed. @param {number} realMs */
  pass(realMs) {
    if (!this.isPlaying) return;
    const share = this.#timeline.endAt / FEWEST_FRAMES;
    this.seek(this.at + (Number.isFinite(this.speed) ? realMs * this.speed : share));
    if (this.at >= this.#timeline.endAt) this.isPlaying = false;
  }

  /**
   * Moves to the next thing of that kind, or to the previous one. Returns false, and does not move, if there is none.
   * @param {Step} step
   * @param {1 | -1} direction
   */
  step(step, direction) {
    const { events } = this.#timeline;
    for (let place = this.place + direction; place >= 0 && place < events.length; place += direction) {
      if (!isOf(step, /** @type {TraceEvent} */ (events[place]))) continue;
      this.goTo(place);
      return true;
    }
    return false;
  }
}

/**
 * @param {Step} step
 * @param {TraceEvent} event
 */
function isOf(step, { kind }) {
  if (step === 'event') return true;
  if (step === 'view') return kind === 'view';
  return kind === 'sent' || kind === 'received' || kind === 'lost';
}

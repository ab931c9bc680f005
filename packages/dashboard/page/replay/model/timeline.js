/** A run that can be looked at at any moment: states are kept at intervals, and what lies between is played again. */
import { apply, copyOf, stateBefore } from './state.js';

/** @import { RunState, Start, TraceEvent } from './trace.d.ts' */

/** Events between two kept states: few enough to play again within a frame, many enough that what is kept stays small. */
const INTERVAL = 512;

export class Timeline {
  /** @type {readonly TraceEvent[]} */
  events;
  /** @type {readonly RunState[]} */
  #kept;
  /** @type {RunState} */
  #state;
  /** Events that `#state` has behind it. */
  #done = 0;

  /** @param {readonly TraceEvent[]} events the first is `start` */
  constructor(events) {
    this.events = events;
    const kept = [stateBefore(/** @type {Start} */ (events[0]))];
    const state = copyOf(/** @type {RunState} */ (kept[0]));
    events.forEach((event, place) => {
      apply(state, event);
      if ((place + 1) % INTERVAL === 0) kept.push(copyOf(state));
    });
    this.#kept = kept;
    this.#state = copyOf(/** @type {RunState} */ (kept[0]));
  }

  /** Of the last event. */
  get endAt() {
    return this.events.at(-1)?.at ?? 0;
  }

  /** The place of the last event at `at` or before; 0 where there is none. @param {number} at */
  placeAt(at) {
    let low = 0;
    let high = this.events.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (/** @type {TraceEvent} */ (this.events[middle]).at <= at) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /**
   * After the event at `place`. What is given is the timeline's own, and changes with the next call.
   * @param {number} place
   * @returns {Readonly<RunState>}
   */
  stateAfter(place) {
    const wanted = Math.max(0, Math.min(place, this.events.length - 1)) + 1;
    const at = Math.floor(wanted / INTERVAL);
    if (this.#done > wanted || this.#done < at * INTERVAL) {
      this.#state = copyOf(/** @type {RunState} */ (this.#kept[at]));
      this.#done = at * INTERVAL;
    }
    for (; this.#done < wanted; this.#done++) {
      apply(this.#state, /** @type {TraceEvent} */ (this.events[this.#done]));
    }
    return this.#state;
  }
}

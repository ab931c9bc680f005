/** The states of a run at any moment. A state is kept at intervals, and the events in between are applied again. */
import { apply, copyOf, stateBefore } from './state.js';

/** @import { RunState, Start, TraceEvent } from './trace.d.ts' */

/**
 * The number of events between two kept states: few enough to apply within a frame, and enough to keep memory small.
 */
const INTERVAL = 512;

export class Timeline {
  /** @type {readonly TraceEvent[]} */
  events;
  /** @type {readonly RunState[]} */
  #kept;
  /** @type {RunState} */
  #state;
  /** The number of events applied to `#state`. */
  #done = 0;

  /** @param {readonly TraceEvent[]} events the first one is `start` */
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

  /** The time of the last event. */
  get endAt() {
    return this.events.at(-1)?.at ?? 0;
  }

  /** The place of the last event at `at` or before; 0 if there is none. @param {number} at */
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
   * The state after the event at `place`. The result belongs to the timeline, and changes with the next call.
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

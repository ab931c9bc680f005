/** A whole run, prepared for display: its states, messages, lanes, marks and violations. */
import { lanesOf } from './lanes.js';
import { marksOf } from './marks.js';
import { Messages } from './messages.js';
import { Timeline } from './timeline.js';

/** @import { Start, TraceEvent, Violation } from './trace.d.ts' */

export class Run {
  /** @param {readonly TraceEvent[]} events of a trace; the first one is `start` */
  constructor(events) {
    this.events = events;
    this.start = /** @type {Start} */ (events[0]);
    this.timeline = new Timeline(events);
    this.messages = new Messages(events);
    this.lanes = lanesOf(events);
    this.marks = marksOf(events);
    /** @type {readonly Violation[]} */
    this.violations = events.flatMap((event) => (event.kind === 'violation' ? [event] : []));
    /** The outcome, if the trace contains it. @type {Extract<TraceEvent, { kind: 'end' }> | undefined} */
    this.end = events.flatMap((event) => (event.kind === 'end' ? [event] : []))[0];
  }

  get endAt() {
    return this.timeline.endAt;
  }
}

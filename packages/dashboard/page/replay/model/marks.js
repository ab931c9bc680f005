/** The marks of the scrubber and the diagram: views, faults, deaths, violations. */
import { inWords } from './words.js';

/** @import { Mark, TraceEvent } from './trace.d.ts' */

/**
 * In order of time.
 * @param {readonly TraceEvent[]} events
 * @returns {Mark[]}
 */
export function marksOf(events) {
  /** @type {Mark[]} */
  const marks = [];
  events.forEach((event, place) => {
    const kind = kindOf(event);
    if (kind !== undefined) marks.push({ at: event.at, event: place, kind, words: inWords(event) });
  });
  return marks;
}

/**
 * @param {TraceEvent} event
 * @returns {Mark['kind'] | undefined}
 */
function kindOf(event) {
  switch (event.kind) {
    case 'view':
    case 'fault':
    case 'healed':
    case 'violation':
      return event.kind;
    case 'process':
      return event.state === 'ended' ? 'ended' : undefined;
    default:
      return undefined;
  }
}

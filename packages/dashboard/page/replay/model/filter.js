/** Selects the events that the list shows. */
import { groupOf, inWords } from './words.js';

/** @import { TraceEvent } from './trace.d.ts' */
/** @import { Group } from './words.js' */

/**
 * The places of events in the wanted groups whose text contains all words, in any case; "a > b" finds "a → b".
 * @param {readonly TraceEvent[]} events
 * @param {ReadonlySet<Group>} groups
 * @param {string} text
 * @returns {number[]}
 */
export function filtered(events, groups, text) {
  const wanted = text
    .toLowerCase()
    .replaceAll(/\s*(->|→|>)\s*/g, '→')
    .split(/\s+/)
    .filter(Boolean);
  /** @type {number[]} */
  const places = [];
  events.forEach((event, place) => {
    if (!groups.has(groupOf(event))) return;
    if (wanted.length > 0) {
      const words = inWords(event).toLowerCase().replaceAll(' → ', '→');
      if (!wanted.every((word) => words.includes(word))) return;
    }
    places.push(place);
  });
  return places;
}

/**
 * The number of sorted places that are at most `place`.
 * @param {readonly number[]} places
 * @param {number} place
 */
export function countUpTo(places, place) {
  let low = 0;
  let high = places.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (/** @type {number} */ (places[middle]) <= place) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The time window of the diagram: zooming, moving, and the positions of ticks. All times are in virtual milliseconds.
 */

/** @typedef {{ readonly from: number, readonly to: number }} Window */

/** Nothing happens within less time. */
const LEAST_MS = 0.5;
/** The share of a window that may lie before the beginning or after the end, so that the edges remain visible. */
const MARGIN = 0.04;
/** The real time that the window covers while it follows the play. */
const SHOWN_MS = 6_000;

/**
 * Moves and shortens the window to fit the run.
 * @param {Window} window
 * @param {number} endAt
 * @returns {Window}
 */
export function fitted({ from, to }, endAt) {
  const length = lengthWithin(to - from, endAt);
  const start = Math.max(-MARGIN * length, Math.min(from, endAt - (1 - MARGIN) * length));
  return { from: start, to: start + length };
}

/**
 * Zooms by `factor`; above 1 shows more time. `at` keeps its position.
 * @param {Window} window
 * @param {number} factor
 * @param {number} at
 * @param {number} endAt
 */
export function zoomed({ from, to }, factor, at, endAt) {
  const length = lengthWithin((to - from) * factor, endAt);
  const share = (at - from) / (to - from);
  return fitted({ from: at - share * length, to: at + (1 - share) * length }, endAt);
}

/**
 * Moves the window so that it contains `at`, with some room ahead. Unchanged if it already does.
 * @param {Window} window
 * @param {number} at
 * @param {number} endAt
 */
export function following({ from, to }, at, endAt) {
  const length = to - from;
  if (at >= from + length * 0.05 && at <= to - length * 0.2) return fitted({ from, to }, endAt);
  return fitted({ from: at - length * 0.4, to: at + length * 0.6 }, endAt);
}

/**
 * A window that covers some seconds of real time at that speed.
 * @param {number} speed
 * @param {number} at
 * @param {number} endAt
 */
export function windowFor(speed, at, endAt) {
  if (!Number.isFinite(speed)) return whole(endAt);
  const length = SHOWN_MS * speed;
  return fitted({ from: at - length * 0.2, to: at + length * 0.8 }, endAt);
}

/**
 * Round times, at most `most` of them.
 * @param {Window} window
 * @param {number} most
 */
export function ticks({ from, to }, most) {
  const least = (to - from) / Math.max(1, most);
  const power = 10 ** Math.floor(Math.log10(least));
  const step = power * /** @type {number} */ ([1, 2, 5, 10].find((factor) => factor * power >= least));
  const first = Math.ceil(from / step - 1e-9);
  const count = Math.floor(to / step + 1e-9) - first + 1;
  return { step, at: Array.from({ length: Math.max(0, count) }, (_, place) => (first + place) * step) };
}

/**
 * With as many digits as the step between two ticks needs.
 * @param {number} at
 * @param {number} step
 */
export function tickInWords(at, step) {
  const digits = Math.max(0, Math.ceil(-Math.log10(step / 1_000) - 1e-9));
  return `${(at / 1_000).toFixed(digits)} s`;
}

/** The whole run. @param {number} endAt */
export function whole(endAt) {
  return fitted({ from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY }, endAt);
}

/**
 * @param {number} length
 * @param {number} endAt
 */
function lengthWithin(length, endAt) {
  return Math.max(LEAST_MS, Math.min(length, endAt / (1 - 2 * MARGIN)));
}

/** The positions of the lanes in a space-time diagram, and of a moment on them. */

/** @import { Lane } from '../model/trace.d.ts' */
/** @import { Window } from '../model/window.js' */

/**
 * @typedef {{
 *   lanes: readonly Lane[],
 *   y: ReadonlyMap<string, number>,
 *   left: number,
 *   right: number,
 *   top: number,
 *   height: number,
 *   x: (at: number) => number,
 *   at: (x: number) => number,
 * }} Layout
 */

/** The heights of the axis and of a lane of each kind, in pixels. */
const AXIS = 34;
const ROWS = { monitor: 32, server: 42, client: 18 };
const BOTTOM = 8;

/**
 * @param {readonly Lane[]} lanes
 * @param {number} width
 * @param {Window} window
 * @returns {Layout}
 */
export function layoutOf(lanes, width, window) {
  const y = new Map();
  let top = AXIS;
  for (const { name, kind } of lanes) {
    y.set(name, top + ROWS[kind] / 2);
    top += ROWS[kind];
  }
  const left = width < 560 ? 46 : 116;
  const right = width - 10;
  const scale = (right - left) / (window.to - window.from);
  return {
    lanes,
    y,
    left,
    right,
    top: AXIS,
    height: top + BOTTOM,
    x: (at) => left + (at - window.from) * scale,
    at: (x) => window.from + (x - left) / scale,
  };
}

/** The line from one node to another: straight between neighbours, an arc over nodes in between. */

/** @import { Place } from './topology-layout.js' */
/** @typedef {{ readonly x: number, readonly y: number }} Point */
/**
 * A quadratic curve.
 * @typedef {{ readonly start: Point, readonly control: Point, readonly end: Point }} Curve
 */

const RING = 9;

/**
 * @param {Place} from
 * @param {Place} to
 * @param {{ isBlocked: boolean, avoidsWords: boolean }} way `isBlocked`: a node in the same row
 *   lies between them; `avoidsWords`: the text below a node is in the way
 * @returns {Curve}
 */
export function curveBetween(from, to, { isBlocked, avoidsWords }) {
  const middle = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 };
  const bow = isBlocked ? Math.min(150, 60 + Math.abs(to.x - from.x) * 0.16) : 0;
  const aside = avoidsWords && Math.abs(to.x - from.x) < from.radius ? 1.6 * from.radius : 0;
  const control = { x: middle.x + aside, y: middle.y - bow };
  return {
    start: towards(from, control, from.radius + RING),
    control,
    end: towards(to, control, to.radius + RING),
  };
}

/**
 * @param {Curve} curve
 * @param {number} share 0 to 1
 * @returns {Point}
 */
export function pointOn({ start, control, end }, share) {
  const rest = 1 - share;
  const blend = (/** @type {'x' | 'y'} */ axis) =>
    rest * rest * start[axis] + 2 * rest * share * control[axis] + share * share * end[axis];
  return { x: blend('x'), y: blend('y') };
}

/** @param {Curve} curve */
export function pathOf({ start, control, end }) {
  return `M${round(start.x)} ${round(start.y)}Q${round(control.x)} ${round(control.y)} ${round(end.x)} ${round(end.y)}`;
}

/** A triangle at the end of the curve. @param {Curve} curve */
export function headOf({ control, end }) {
  const angle = Math.atan2(end.y - control.y, end.x - control.x);
  const corner = (/** @type {number} */ turn, /** @type {number} */ length) =>
    `${round(end.x - length * Math.cos(angle + turn))} ${round(end.y - length * Math.sin(angle + turn))}`;
  return `M${round(end.x)} ${round(end.y)}L${corner(0.42, 11)}L${corner(-0.42, 11)}Z`;
}

/**
 * @param {Point} from
 * @param {Point} to
 * @param {number} distance
 */
function towards(from, to, distance) {
  const angle = Math.atan2(to.y - from.y, to.x - from.x);
  return { x: from.x + distance * Math.cos(angle), y: from.y + distance * Math.sin(angle) };
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 10) / 10;
}

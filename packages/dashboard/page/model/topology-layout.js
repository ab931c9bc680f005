/**
 * The positions of nodes in a drawing: monitors above, servers in a row by name, clients below. No node moves when
 * roles change.
 */

/** @import { TopologyNode } from './topology.d.ts' */
/** @typedef {{ readonly x: number, readonly y: number, readonly radius: number }} Place */
/** @typedef {{ readonly width: number, readonly height: number }} Size */

/** Room below a node for its three lines of text, and around it for its ring, in pixels. */
const CAPTION = 56;
const RING = 8;
const MOST_RADIUS = 40;
const LEAST_RADIUS = 13;
/** The least width of a column, so that captions fit side by side, and the width of a letter in a name, in pixels. */
const LEAST_COLUMN = 104;
const LETTER = 7.25;

/** The least height at which a row is readable. */
const ROW_HEIGHT = 150;

/**
 * The height of a drawing of that width, in pixels.
 * @param {readonly TopologyNode[]} nodes
 * @param {number} width
 */
export function heightFor(nodes, width) {
  return rowsOf(nodes, mostInRow(nodes, width)).length * ROW_HEIGHT;
}

/**
 * @param {readonly TopologyNode[]} nodes
 * @param {Size} size
 * @returns {Map<string, Place>} by id
 */
export function placeNodes(nodes, size) {
  const rows = rowsOf(nodes, mostInRow(nodes, size.width));
  const rowHeight = size.height / Math.max(1, rows.length);
  const places = new Map();
  rows.forEach((row, rowAt) => {
    const column = size.width / row.length;
    const room = Math.min(column / 2 - RING - 4, (rowHeight - CAPTION) / 2 - RING);
    const isMain = row.some(({ role }) => role !== 'monitor' && role !== 'client');
    const radius = Math.max(LEAST_RADIUS, Math.min(isMain ? MOST_RADIUS : MOST_RADIUS - 8, room));
    row.forEach((node, at) => {
      const spread = Math.min(column, 260);
      const x = size.width / 2 + (at - (row.length - 1) / 2) * spread;
      const y = rowAt * rowHeight + (rowHeight - CAPTION) / 2 + (rowAt === 0 ? 6 : 2);
      places.set(node.id, { x, y, radius });
    });
  });
  return places;
}

/** @param {readonly TopologyNode[]} nodes @param {number} width */
function mostInRow(nodes, width) {
  const longest = nodes.reduce((most, { label }) => Math.max(most, label.length), 0);
  return Math.max(1, Math.floor(width / Math.max(LEAST_COLUMN, longest * LETTER)));
}

/**
 * @param {readonly TopologyNode[]} nodes
 * @param {number} most in a row
 */
function rowsOf(nodes, most) {
  const monitors = nodes.filter(({ role }) => role === 'monitor');
  const clients = nodes.filter(({ role }) => role === 'client');
  const servers = nodes.filter(({ role }) => role !== 'monitor' && role !== 'client');
  return [monitors, servers, clients].flatMap((group) => split([...group].sort(byName), most));
}

/**
 * Rows of about the same length.
 * @param {readonly TopologyNode[]} group
 * @param {number} most
 */
function split(group, most) {
  const rows = Math.ceil(group.length / most);
  const each = Math.ceil(group.length / Math.max(1, rows));
  return Array.from({ length: rows }, (_, at) => group.slice(at * each, (at + 1) * each));
}

/**
 * @param {TopologyNode} one
 * @param {TopologyNode} other
 */
function byName(one, other) {
  return one.id.localeCompare(other.id, 'en', { numeric: true });
}

/**
 * One node of the drawing: a disc with a sign for its role, a ring that drains while the node is not heard, and its
 * name and state below.
 */
import { say, set, svg } from './svg.js';

/** @import { TopologyNode } from '../model/topology.d.ts' */
/** @import { Place } from '../model/topology-layout.js' */

/** @typedef {[Element, Element, Element, Element, Element, Element, Element, Element, Element]} Parts */

/** Drawn around 0,0, about 20 wide. */
const SIGNS = {
  primary: 'M0-11 3.2-3.6 11.2-3 5.1 2.2 7 10 0 5.8-7 10-5.1 2.2-11.2-3-3.2-3.6Z',
  backup: 'M-9-9H4V4H-9ZM-4 4V9H9V-4H4',
  idle: 'M-8.5 0h.01M0 0h.01M8.5 0h.01',
  monitor: 'M-12 0C-6-8 6-8 12 0 6 8-6 8-12 0ZM-3.2 0a3.2 3.2 0 1 0 6.4 0a3.2 3.2 0 1 0-6.4 0',
  client: 'M-8 8C-8 1 8 1 8 8M-4-5a4 4 0 1 0 8 0a4 4 0 1 0-8 0',
  dead: 'M-8-8 8 8M8-8-8 8',
  paused: 'M-4-8V8M4-8V8',
};

/** @type {Readonly<Record<string, string>>} */
const ROLES = { idle: 'idle', monitor: 'monitor', primary: 'primary', backup: 'backup', client: 'client' };
/** @type {Readonly<Record<string, string>>} */
const CONDITIONS = {
  live: '',
  syncing: 'syncing',
  suspect: 'silent',
  dead: 'dead',
  paused: 'paused',
  unknown: '',
};

/** @param {TopologyNode} node */
export function makeNode({ id }) {
  const group = svg('g', { 'data-id': id });
  group.append(
    svg('circle', { class: 'pulse' }),
    svg('circle', { class: 'track' }),
    svg('circle', { class: 'ring', pathLength: 1, transform: 'rotate(-90)' }),
    svg('circle', { class: 'body' }),
    svg('circle', { class: 'filled', pathLength: 1, transform: 'rotate(-90)' }),
    svg('path', { class: 'sign' }),
    svg('text', { class: 'name', 'text-anchor': 'middle' }),
    svg('text', { class: 'role', 'text-anchor': 'middle' }),
    svg('text', { class: 'detail', 'text-anchor': 'middle' }),
  );
  return group;
}

/**
 * @param {Element} group
 * @param {TopologyNode} node
 * @param {Place} place
 */
export function changeNode(group, node, { x, y, radius }) {
  const [pulse, track, ring, body, filled, sign, name, role, detail] = /** @type {Parts} */ ([...group.children]);
  const { condition } = node;
  set(group, { class: `node ${node.role} ${condition}`, transform: `translate(${Math.round(x)} ${Math.round(y)})` });
  set(pulse, { r: radius });
  set(body, { r: radius });
  set(track, { r: radius + 7, class: node.ring === undefined ? 'track none' : 'track' });
  set(ring, { r: radius + 7 });
  drawRing(ring, node.ring);
  const share = condition === 'syncing' ? (node.filled ?? 0) : 0;
  // A circle of half the radius whose line is as thick as the radius looks like a slice of the whole disc.
  set(filled, { r: radius / 2, 'stroke-width': radius, 'stroke-dasharray': `${share.toFixed(3)} 2` });
  set(sign, {
    d: condition === 'dead' || condition === 'paused' ? SIGNS[condition] : SIGNS[node.role],
    transform: `scale(${(radius / 28).toFixed(2)})`,
  });
  const below = radius + 7;
  set(name, { y: below + 17 });
  set(role, { y: below + 33 });
  set(detail, { y: below + 47 });
  say(name, node.label);
  const isJustDead = node.role === 'idle' && condition === 'dead';
  say(role, [isJustDead ? '' : ROLES[node.role], CONDITIONS[condition]].filter(Boolean).join(', '));
  say(detail, node.detail ?? '');
}

/**
 * For the frames between two drawings.
 * @param {Element} ring
 * @param {number | undefined} share
 */
export function drawRing(ring, share) {
  const left = Math.max(0, Math.min(1, share ?? 0));
  set(ring, {
    'stroke-dasharray': `${left.toFixed(3)} 2`,
    class: share === undefined || left === 0 ? 'ring none' : left < 0.5 ? 'ring low' : 'ring',
  });
}

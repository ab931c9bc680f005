/**
 * The drawing of a cluster: nodes with their roles and rings, links between them, and messages in flight. It can be
 * redrawn from a model at any time.
 */
import { curveBetween, headOf, pathOf, pointOn } from '../model/topology-curve.js';
import { placeNodes } from '../model/topology-layout.js';
import { keep, say, set, svg } from './svg.js';
import { changeNode, makeNode } from './topology-node.js';

/** @import { Flight, Topology, TopologyLink } from '../model/topology.d.ts' */
/** @import { Place } from '../model/topology-layout.js' */
/** @import { Curve } from '../model/topology-curve.js' */

/** The least distance between two nodes at which text fits on the line, in pixels. */
const LEAST_GAP = 64;

/**
 * Draws `topology` into `into`, whose size in pixels is that of the drawing. Unchanged elements stay untouched, so this
 * may be called on every frame. Needs topology.css.
 * @param {SVGSVGElement} into
 * @param {Topology} topology
 */
export function drawTopology(into, topology) {
  const size = { width: into.clientWidth || 640, height: into.clientHeight || 360 };
  const places = placeNodes(topology.nodes, size);
  const layers = layersOf(into);
  set(into, { viewBox: `0 0 ${size.width} ${size.height}`, role: 'img' });
  say(layers.title, topology.words);

  const links = topology.links.filter(({ from, to }) => places.has(from) && places.has(to));
  keep(layers.links, links, {
    key: ({ from, to, kind }) => `${kind} ${from} ${to}`,
    make: () => makeLink(),
    change: (element, link) => changeLink(element, link, curveOf(link, places)),
  });
  keep(layers.nodes, topology.nodes, {
    key: ({ id }) => id,
    make: makeNode,
    change: (element, node) => changeNode(element, node, /** @type {Place} */ (places.get(node.id))),
  });
  const flights = (topology.flights ?? []).filter(({ from, to }) => places.has(from) && places.has(to));
  keep(layers.flights, flights, {
    key: ({ id }) => String(id),
    make: makeFlight,
    change: (element, flight) => changeFlight(element, flight, curveOf(flight, places)),
  });
}

/** @param {SVGSVGElement} into */
function layersOf(into) {
  let title = into.querySelector(':scope > title');
  if (title === null) {
    title = svg('title');
    into.classList.add('topology');
    into.replaceChildren(
      title,
      svg('g', { class: 'links' }),
      svg('g', { class: 'nodes' }),
      svg('g', { class: 'flights' }),
    );
  }
  const layer = (/** @type {string} */ name) => /** @type {Element} */ (into.querySelector(`:scope > .${name}`));
  return { title, links: layer('links'), nodes: layer('nodes'), flights: layer('flights') };
}

/**
 * @param {{ readonly from: string, readonly to: string }} ends
 * @param {Map<string, Place>} places
 */
function curveOf({ from, to }, places) {
  const start = /** @type {Place} */ (places.get(from));
  const end = /** @type {Place} */ (places.get(to));
  const isBetween = (/** @type {Place} */ { x, y }) =>
    y === start.y && x > Math.min(start.x, end.x) && x < Math.max(start.x, end.x);
  const isSameRow = start.y === end.y;
  const top = Math.min(...[...places.values()].map(({ y }) => y));
  return curveBetween(start, end, {
    isBlocked: isSameRow && [...places.values()].some(isBetween),
    // A line up to the monitors may pass behind text.
    avoidsWords: !isSameRow && start.y !== top && end.y !== top,
  });
}

function makeLink() {
  const group = svg('g');
  group.append(
    svg('path', { class: 'line' }),
    svg('path', { class: 'flow' }),
    svg('path', { class: 'head' }),
    svg('text', { class: 'label', 'text-anchor': 'middle' }),
  );
  return group;
}

/**
 * @param {Element} group
 * @param {TopologyLink} link
 * @param {Curve} curve
 */
function changeLink(group, link, curve) {
  const [line, flow, head, label] = /** @type {[Element, Element, Element, Element]} */ ([...group.children]);
  set(group, {
    class: `link ${link.kind}${link.isBusy === true ? ' busy' : ''}${link.isLate === true ? ' late' : ''}`,
  });
  set(line, { d: pathOf(curve) });
  set(flow, { d: pathOf(curve) });
  set(head, { d: headOf(curve) });
  const middle = pointOn(curve, 0.5);
  // If the nodes are too close together, the text is placed above them.
  const gap = Math.hypot(curve.end.x - curve.start.x, curve.end.y - curve.start.y);
  set(label, { x: Math.round(middle.x), y: Math.round(middle.y) - (gap < LEAST_GAP ? 44 : 9) });
  say(label, link.label ?? '');
}

/** @param {Flight} flight */
function makeFlight({ label }) {
  const group = svg('g');
  const title = svg('title');
  title.textContent = label ?? '';
  group.append(
    title,
    svg('circle', { r: 5 }),
    svg('path', { class: 'cross', d: 'M-5-5L5 5M5-5L-5 5' }),
    svg('text', { y: -9, 'text-anchor': 'middle' }),
  );
  return group;
}

/**
 * @param {Element} group
 * @param {Flight} flight
 * @param {Curve} curve
 */
function changeFlight(group, { kind, label, progress, isLost }, curve) {
  // A lost message visibly stops half-way.
  const share = isLost === true ? Math.min(progress, 0.55) : progress;
  const { x, y } = pointOn(curve, share);
  const isGone = isLost === true && progress >= 0.55;
  set(group, {
    class: `flight ${kind}${isGone ? ' lost' : ''}`,
    transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})`,
  });
  say(/** @type {Element} */ (group.lastElementChild), label ?? '');
}

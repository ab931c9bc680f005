/** The interaction with the space-time diagram: wheel and pinch zoom, a drag moves, a click selects. */
import { flightKind } from '../model/scene.js';
import { byId, tickBox } from './dom.js';
import { SpaceTime } from './space-time.js';

/** @import { Run } from '../model/run.js' */

/** The pixels that a pointer may move for a click. */
const STILL = 4;

/**
 * @typedef {{
 *   onPick: (place: number) => void,
 *   onSeek: (at: number) => void,
 *   onChange: () => void,
 *   now: () => number,
 * }} Watcher `onChange`: the diagram must be redrawn
 */

/**
 * @param {Run} run
 * @param {Watcher} watcher
 */
export function startDiagram(run, watcher) {
  const canvas = byId('space-time', HTMLCanvasElement);
  const diagram = new SpaceTime(canvas, run);
  const zoom = (/** @type {number} */ factor, at = watcher.now()) => {
    diagram.zoom(factor, at);
    watcher.onChange();
  };
  canvas.addEventListener(
    'wheel',
    (event) => {
      if (event.deltaY === 0 && event.deltaX === 0) return;
      // Scrolling the page must not zoom the diagram.
      const isCaught = event.ctrlKey || event.shiftKey || document.activeElement === canvas;
      if (!isCaught && document.documentElement.scrollHeight > globalThis.innerHeight) return;
      event.preventDefault();
      if (event.shiftKey) diagram.move(-(event.deltaX || event.deltaY));
      else zoom(1.0015 ** event.deltaY, diagram.timeAt(event.offsetX));
      watcher.onChange();
    },
    { passive: false },
  );
  listenToPointers(canvas, diagram, watcher);
  byId('zoom-in', HTMLElement).addEventListener('click', () => zoom(0.5));
  byId('zoom-out', HTMLElement).addEventListener('click', () => zoom(2));
  byId('fit', HTMLElement).addEventListener('click', () => {
    diagram.fit();
    watcher.onChange();
  });
  offerKinds(diagram, watcher);
  new ResizeObserver(watcher.onChange).observe(canvas);
  return { diagram, zoom };
}

export function isFollowing() {
  return byId('follow', HTMLInputElement).checked;
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {SpaceTime} diagram
 * @param {Watcher} watcher
 */
function listenToPointers(canvas, diagram, watcher) {
  /** The last position of each pointer that is down. @type {Map<number, { x: number, y: number }>} */
  const down = new Map();
  let moved = 0;
  canvas.addEventListener('pointerdown', ({ pointerId, offsetX, offsetY }) => {
    // Two fingers select nothing, even if they do not move.
    moved = down.size === 0 ? 0 : STILL + 1;
    down.set(pointerId, { x: offsetX, y: offsetY });
    canvas.setPointerCapture(pointerId);
  });
  canvas.addEventListener('pointermove', ({ pointerId, offsetX, offsetY }) => {
    const before = down.get(pointerId);
    if (before === undefined) return;
    const other = [...down].find(([id]) => id !== pointerId)?.[1];
    moved += Math.abs(offsetX - before.x);
    down.set(pointerId, { x: offsetX, y: offsetY });
    if (moved <= STILL) return;
    if (other === undefined) diagram.move(offsetX - before.x);
    else {
      const factor = apart(before, other) / apart({ x: offsetX, y: offsetY }, other);
      diagram.pinch(factor, (before.x + other.x) / 2, (offsetX + other.x) / 2);
    }
    byId('follow', HTMLInputElement).checked = false;
    watcher.onChange();
  });
  const end = (/** @type {PointerEvent} */ { pointerId, type, offsetX, offsetY }) => {
    if (!down.delete(pointerId) || type === 'pointercancel' || moved > STILL || down.size > 0) return;
    const place = diagram.eventAt(offsetX, offsetY);
    if (place === undefined) watcher.onSeek(diagram.timeAt(offsetX));
    else watcher.onPick(place);
  };
  canvas.addEventListener('pointerup', end);
  canvas.addEventListener('pointercancel', end);
}

/**
 * Closer fingers cannot be distinguished.
 * @param {{ x: number, y: number }} one @param {{ x: number, y: number }} other
 */
function apart(one, other) {
  return Math.max(10, Math.hypot(one.x - other.x, one.y - other.y));
}

/**
 * @param {SpaceTime} diagram
 * @param {Watcher} watcher
 */
function offerKinds(diagram, watcher) {
  /** @type {Record<string, boolean>} */
  const shown = { pings: true, replication: true, clients: true };
  const groups = { ping: 'pings', prepare: 'replication', request: 'clients', answer: 'clients' };
  const boxes = Object.keys(shown).map((name) =>
    tickBox(name, true, (isTicked) => {
      shown[name] = isTicked;
      diagram.show(({ method }) => shown[groups[flightKind(method, 'request')]] === true);
      watcher.onChange();
    }),
  );
  byId('shown', HTMLFieldSetElement).append(...boxes);
}

/**
 * The lanes of a space-time diagram: each process's role, pauses, down times and cuts, and the operations that clients
 * wait for.
 */

/** @import { Lane, Stretch } from '../model/trace.d.ts' */
/** @import { Layout } from './space-time-layout.js' */
/** @import { Palette } from './palette.js' */

/** Half the height of a pause. */
const PAUSE = 7;
const CROSS = 5;

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Layout} layout
 * @param {Palette} palette
 */
export function drawLines(context, layout, palette) {
  for (const lane of layout.lanes) {
    const y = /** @type {number} */ (layout.y.get(lane.name));
    drawCuts(context, lane, y, layout, palette);
    drawOperations(context, lane, y, layout, palette);
    for (const stretch of lane.stretches) drawStretch(context, stretch, y, layout, palette);
    for (const at of lane.ends) drawEnd(context, layout.x(at), y, layout, palette);
    for (const at of lane.starts) drawStart(context, layout.x(at), y, layout, palette);
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Stretch} stretch
 * @param {number} y
 * @param {Layout} layout
 * @param {Palette} palette
 */
function drawStretch(context, { from, to, state, role }, y, layout, palette) {
  const span = visible(from, to, layout);
  if (span === undefined) return;
  const [left, right] = span;
  if (state === 'down') return drawDown(context, left, right, y, palette);
  if (state === 'paused') drawPause(context, left, right, y, palette);
  context.strokeStyle = role === 'primary' || role === 'backup' ? palette.accent : palette.edge;
  context.lineWidth = role === 'primary' ? 5 : role === 'client' ? 1 : 2;
  context.setLineDash(role === 'idle' ? [5, 4] : []);
  line(context, left, y, right, y);
  context.setLineDash([]);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} left
 * @param {number} right
 * @param {number} y
 * @param {Palette} palette
 */
function drawDown(context, left, right, y, palette) {
  context.strokeStyle = palette.line;
  context.lineWidth = 1;
  context.setLineDash([1, 4]);
  line(context, left, y, right, y);
  context.setLineDash([]);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} left
 * @param {number} right
 * @param {number} y
 * @param {Palette} palette
 */
function drawPause(context, left, right, y, palette) {
  context.fillStyle = palette.warnWash;
  context.fillRect(left, y - PAUSE, right - left, 2 * PAUSE);
  context.strokeStyle = palette.warn;
  context.lineWidth = 1;
  context.strokeRect(left, y - PAUSE, right - left, 2 * PAUSE);
}

/**
 * A dashed line below the lane. It is darker than its background in both themes.
 * @param {CanvasRenderingContext2D} context
 * @param {Lane} lane
 * @param {number} y
 * @param {Layout} layout
 * @param {Palette} palette
 */
function drawCuts(context, { cuts, kind }, y, layout, palette) {
  const below = kind === 'client' ? 5 : 11;
  for (const { from, to, others } of cuts) {
    const span = visible(from, to, layout);
    if (span === undefined) continue;
    const [left, right] = span;
    context.fillStyle = palette.badWash;
    context.fillRect(left, y - below, right - left, 2 * below);
    context.strokeStyle = palette.bad;
    context.lineWidth = 1.5;
    context.setLineDash([6, 4]);
    line(context, left, y + below, right, y + below);
    context.setLineDash([]);
    const words = `✂ ${others.join(' ')}`;
    if (kind === 'client' || right - left < 8 + 6 * words.length) continue;
    context.fillStyle = palette.bad;
    context.font = `11px ${palette.sans}`;
    context.textBaseline = 'top';
    context.fillText(words, left + 4, y + below + 1);
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Lane} lane
 * @param {number} y
 * @param {Layout} layout
 * @param {Palette} palette
 */
function drawOperations(context, { operations }, y, layout, palette) {
  context.fillStyle = palette.well;
  context.strokeStyle = palette.line;
  context.lineWidth = 1;
  for (const { from, to } of operations) {
    const span = visible(from, to, layout);
    if (span === undefined) continue;
    const width = Math.max(1, span[1] - span[0]);
    context.fillRect(span[0], y - 4, width, 8);
    if (width > 3) context.strokeRect(span[0], y - 4, width, 8);
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {number} y
 * @param {Layout} layout
 * @param {Palette} palette
 */
function drawEnd(context, x, y, { left, right }, palette) {
  if (x < left || x > right) return;
  context.strokeStyle = palette.bad;
  context.lineWidth = 2.5;
  line(context, x - CROSS, y - CROSS, x + CROSS, y + CROSS);
  line(context, x - CROSS, y + CROSS, x + CROSS, y - CROSS);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {number} y
 * @param {Layout} layout
 * @param {Palette} palette
 */
function drawStart(context, x, y, { left, right }, palette) {
  if (x < left || x > right) return;
  context.fillStyle = palette.good;
  context.beginPath();
  context.arc(x, y, 4.5, 0, 2 * Math.PI);
  context.fill();
}

/**
 * @param {number} from
 * @param {number} to
 * @param {Layout} layout
 * @returns {[number, number] | undefined}
 */
function visible(from, to, layout) {
  const left = Math.max(layout.left, layout.x(from));
  const right = Math.min(layout.right, layout.x(to));
  return right < left || layout.x(from) > layout.right ? undefined : [left, Math.max(right, left + 0.5)];
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} x1
 * @param {number} y1
 * @param {number} x2
 * @param {number} y2
 */
export function line(context, x1, y1, x2, y2) {
  context.beginPath();
  context.moveTo(x1, y1);
  context.lineTo(x2, y2);
  context.stroke();
}

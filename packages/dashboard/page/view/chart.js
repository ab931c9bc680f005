/**
 * One chart on a canvas: measurements over time, with marks for failovers and for a chosen moment. It is drawn pixel by
 * pixel from fixed buffers.
 */
import { h } from './html.js';

/** @import { Series } from '../model/series.js' */
/** @typedef {{ readonly at: number, readonly label: string }} Mark */
/** @typedef {{ readonly series: Series, readonly colour: string, readonly fill?: boolean, readonly by: 'mean' | 'most', readonly dash?: boolean }} Line */
/** @typedef {{ readonly fromMs: number, readonly toMs: number, readonly knownToMs: number, readonly marks: readonly Mark[], readonly cursor: number | undefined }} Window */

const ROOM = { top: 14, right: 10, bottom: 18, left: 46 };
/** Pixels per point of a line. */
const STEP = 2;

/**
 * @param {object} options
 * @param {string} options.title
 * @param {readonly Line[]} options.lines colours are names of custom properties
 * @param {(value: number) => string} options.unit
 * @param {number} options.least the scale reaches at least this value
 */
export function chart({ title, lines, unit, least }) {
  const canvas = /** @type {HTMLCanvasElement} */ (h('canvas', { role: 'img', 'aria-label': title }));
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  // Reading the size at each drawing would force a layout of the page in the middle of it.
  let size = { width: 0, height: 0 };
  new ResizeObserver(() => {
    size = { width: canvas.clientWidth, height: canvas.clientHeight };
  }).observe(canvas);
  return { canvas, draw };

  /** @param {Window} time */
  function draw(time) {
    const { width, height } = size;
    if (width === 0) return;
    fit(canvas, context, width, height);
    const style = getComputedStyle(canvas);
    const colour = (/** @type {string} */ name) => style.getPropertyValue(`--${name}`);
    const plot = {
      left: ROOM.left,
      top: ROOM.top,
      width: width - ROOM.left - ROOM.right,
      height: height - ROOM.top - ROOM.bottom,
    };
    const points = lines.map(({ series, by }) => sampled(series, time, Math.ceil(plot.width / STEP) + 1, by));
    const most = niceCeiling(points.reduce((top, { values }) => values.reduce((a, b) => (b > a ? b : a), top), least));
    context.clearRect(0, 0, width, height);
    context.font = `11px ${style.getPropertyValue('--sans')}`;
    drawScale(context, plot, most, unit, colour);
    drawTime(context, plot, time, colour);
    lines.forEach((line, at) => drawLine(context, plot, /** @type {Points} */ (points[at]), time, most, line, colour));
    drawMarks(context, plot, time, colour);
  }
}

/** @typedef {{ readonly left: number, readonly top: number, readonly width: number, readonly height: number }} Plot */
/** @typedef {(name: string) => string} Colours */

/** @param {HTMLCanvasElement} canvas @param {CanvasRenderingContext2D} context @param {number} width @param {number} height */
function fit(canvas, context, width, height) {
  const scale = window.devicePixelRatio || 1;
  const pixels = { width: Math.round(width * scale), height: Math.round(height * scale) };
  if (canvas.width !== pixels.width || canvas.height !== pixels.height) Object.assign(canvas, pixels);
  context.setTransform(scale, 0, 0, scale, 0, 0);
}

/**
 * @param {Series} series
 * @param {Window} time
 * @param {number} count
 * @param {'mean' | 'most'} by
 * @returns {{ readonly firstMs: number, readonly stepMs: number, readonly values: readonly number[] }} `firstMs`: the middle of the first step
 */
function sampled(series, { fromMs, toMs, knownToMs }, count, by) {
  // Aligned to whole steps, so that a measurement stays in the same point as time passes.
  const stepMs = Math.max(series.bucketMs, (toMs - fromMs) / (count - 1));
  const first = Math.ceil(fromMs / stepMs);
  const steps = Math.max(0, Math.floor(knownToMs / stepMs) - first);
  const values = Array.from(
    { length: steps },
    (_, at) => series.over((first + at) * stepMs, (first + at + 1) * stepMs)[by],
  );
  return { firstMs: (first + 0.5) * stepMs, stepMs, values };
}

/** @typedef {ReturnType<typeof sampled>} Points */

/** @param {number} value */
function niceCeiling(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 1.5, 2, 3, 4, 5, 8, 10].find((it) => it * power >= value * 1.02) ?? 10;
  return step * power;
}

/** @param {CanvasRenderingContext2D} context @param {Plot} plot @param {number} most @param {(value: number) => string} unit @param {Colours} colour */
function drawScale(context, { left, top, width, height }, most, unit, colour) {
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  for (const share of height > 70 ? [0, 0.5, 1] : [0, 1]) {
    const y = Math.round(top + height * (1 - share)) + 0.5;
    context.strokeStyle = colour('line');
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(left, y);
    context.lineTo(left + width, y);
    context.stroke();
    context.fillStyle = colour('soft');
    context.fillText(share === 0 ? '0' : unit(most * share), left - 7, y);
  }
}

/** @param {CanvasRenderingContext2D} context @param {Plot} plot @param {Window} time @param {Colours} colour */
function drawTime(context, { left, top, width, height }, { fromMs, toMs }, colour) {
  const stepMs =
    [10_000, 15_000, 30_000, 60_000, 300_000].find((it) => ((toMs - fromMs) / it) * 58 <= width) ?? 600_000;
  context.fillStyle = colour('soft');
  context.textBaseline = 'alphabetic';
  context.textAlign = 'center';
  for (let at = Math.ceil(fromMs / stepMs) * stepMs; at <= toMs; at += stepMs) {
    const x = left + ((at - fromMs) / (toMs - fromMs)) * width;
    if (x < left + 16 || x > left + width - 16) continue;
    context.fillText(new Date(at).toTimeString().slice(0, stepMs >= 60_000 ? 5 : 8), x, top + height + 13);
  }
}

/** @param {CanvasRenderingContext2D} context @param {Plot} plot @param {Points} points @param {Window} time @param {number} most @param {Line} line @param {Colours} colour */
function drawLine(
  context,
  plot,
  { firstMs, stepMs, values },
  { fromMs, toMs },
  most,
  { colour: name, fill, dash },
  colour,
) {
  const { left, top, width, height } = plot;
  context.strokeStyle = colour(name);
  context.fillStyle = colour(name);
  context.lineWidth = 1.5;
  context.lineJoin = 'round';
  context.setLineDash(dash === true ? [4, 3] : []);
  const xOf = (/** @type {number} */ at) => left + ((firstMs + at * stepMs - fromMs) / (toMs - fromMs)) * width;
  let at = 0;
  while (at < values.length) {
    while (at < values.length && Number.isNaN(values[at])) at += 1;
    const begin = at;
    context.beginPath();
    for (; at < values.length && !Number.isNaN(values[at]); at += 1) {
      context.lineTo(xOf(at), top + height * (1 - Math.min(1, /** @type {number} */ (values[at]) / most)));
    }
    if (at === begin) break;
    context.stroke();
    if (fill !== true) continue;
    context.lineTo(xOf(at - 1), top + height);
    context.lineTo(xOf(begin), top + height);
    context.globalAlpha = 0.12;
    context.fill();
    context.globalAlpha = 1;
  }
  context.setLineDash([]);
}

/** @param {CanvasRenderingContext2D} context @param {Plot} plot @param {Window} time @param {Colours} colour */
function drawMarks(context, { left, top, width, height }, { fromMs, toMs, marks, cursor }, colour) {
  const xOf = (/** @type {number} */ at) => Math.round(left + ((at - fromMs) / (toMs - fromMs)) * width) + 0.5;
  context.textAlign = 'left';
  let free = Number.NEGATIVE_INFINITY;
  for (const { at, label } of marks) {
    if (at < fromMs || at > toMs) continue;
    const x = xOf(at);
    rule(context, x, top - 8, top + height, colour('bad'), [2, 2]);
    if (label === '' || x < free) continue;
    const textWidth = context.measureText(label).width;
    const place = x + 4 + textWidth <= left + width ? x + 4 : x - 4 - textWidth;
    context.fillStyle = colour('bad');
    context.fillText(label, place, top - 3);
    free = place + textWidth + 6;
  }
  if (cursor !== undefined && cursor >= fromMs && cursor <= toMs)
    rule(context, xOf(cursor), 0, top + height, colour('accent'), []);
}

/** @param {CanvasRenderingContext2D} context @param {number} x @param {number} top @param {number} bottom @param {string} colour @param {number[]} dash */
function rule(context, x, top, bottom, colour, dash) {
  context.strokeStyle = colour;
  context.lineWidth = dash.length === 0 ? 2 : 1;
  context.setLineDash(dash);
  context.beginPath();
  context.moveTo(x, top);
  context.lineTo(x, bottom);
  context.stroke();
  context.setLineDash([]);
}

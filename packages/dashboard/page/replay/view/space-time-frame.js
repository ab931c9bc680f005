/**
 * Everything around the lanes of a space-time diagram: the axis, names, views, faults, the violation, and the current
 * moment.
 */
import { tickInWords, ticks } from '../model/window.js';
import { line } from './space-time-lines.js';

/** @import { Mark, RunState, Violation } from '../model/trace.d.ts' */
/** @import { Window } from '../model/window.js' */
/** @import { Layout } from './space-time-layout.js' */
/** @import { Palette } from './palette.js' */

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Layout} layout
 * @param {Window} window
 * @param {Palette} palette
 */
export function drawAxis(context, layout, window, palette) {
  const { step, at } = ticks(window, Math.max(2, Math.floor((layout.right - layout.left) / 110)));
  context.font = `11px ${palette.sans}`;
  context.textBaseline = 'top';
  context.strokeStyle = palette.line;
  context.fillStyle = palette.soft;
  context.lineWidth = 1;
  for (const each of at) {
    if (each < 0) continue;
    const x = Math.round(layout.x(each)) + 0.5;
    line(context, x, layout.top - 8, x, layout.height);
    const words = tickInWords(each, step);
    if (x + 4 + context.measureText(words).width < layout.right) context.fillText(words, x + 4, 3);
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Layout} layout
 * @param {readonly Mark[]} marks
 * @param {Palette} palette
 */
export function drawMarks(context, layout, marks, palette) {
  context.font = `600 11px ${palette.sans}`;
  context.textBaseline = 'top';
  let free = layout.left;
  for (const { at, kind, words } of marks) {
    const x = layout.x(at);
    if (x < layout.left || x > layout.right) continue;
    if (kind === 'view') {
      context.strokeStyle = palette.accent;
      context.lineWidth = 1.25;
      context.setLineDash([4, 3]);
      line(context, x, layout.top - 12, x, layout.height);
      context.setLineDash([]);
      const label = words.split(':')[0] ?? '';
      const width = context.measureText(label).width;
      if (x < free || x + width + 4 > layout.right) continue;
      plate(context, x + 2, 17, width + 6, palette.wash);
      context.fillStyle = palette.accent;
      context.fillText(label, x + 5, 19);
      free = x + width + 10;
    } else if (kind === 'fault' || kind === 'healed') {
      context.fillStyle = kind === 'fault' ? palette.warn : palette.good;
      context.beginPath();
      context.moveTo(x - 4, layout.top - 4);
      context.lineTo(x + 4, layout.top - 4);
      context.lineTo(x, layout.top + 3);
      context.fill();
    }
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Layout} layout
 * @param {Violation} violation
 * @param {Palette} palette
 */
export function drawViolation(context, layout, { at, where }, palette) {
  const x = layout.x(at);
  if (x < layout.left || x > layout.right) return;
  context.strokeStyle = palette.bad;
  context.lineWidth = 2;
  line(context, x, layout.top - 18, x, layout.height);
  const y = layout.y.get(where);
  if (y !== undefined) {
    context.lineWidth = 2.5;
    context.beginPath();
    context.arc(x, y, 11, 0, 2 * Math.PI);
    context.stroke();
  }
  context.font = `650 11px ${palette.sans}`;
  const width = context.measureText('violation').width + 8;
  const left = x + width > layout.right ? x - width : x;
  plate(context, left, 16, width, palette.bad);
  context.fillStyle = palette.sheet;
  context.textBaseline = 'top';
  context.fillText('violation', left + 4, 18);
}

/**
 * Drawn over everything that extends too far to the left.
 * @param {CanvasRenderingContext2D} context
 * @param {Layout} layout
 * @param {Readonly<RunState>} state
 * @param {Palette} palette
 */
export function drawNames(context, layout, state, palette) {
  context.fillStyle = palette.sheet;
  context.fillRect(0, 0, layout.left, layout.height);
  context.textBaseline = 'middle';
  for (const { name, kind } of layout.lanes) {
    const y = /** @type {number} */ (layout.y.get(name));
    const process = state.processes[name];
    const isNarrow = layout.left < 60;
    const hasTwo = kind === 'server' && !isNarrow;
    context.fillStyle = process?.isUp === true ? palette.ink : palette.soft;
    context.font = `${kind === 'client' ? '' : '600 '}12px ${palette.mono}`;
    context.fillText(kind === 'monitor' && !isNarrow ? `${name} monitor` : name, 14, hasTwo ? y - 7 : y);
    if (!hasTwo) continue;
    context.font = `11px ${palette.sans}`;
    const [words, color] = roleInWords(process, palette);
    context.fillStyle = color;
    context.fillText(words, 14, y + 8);
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Layout} layout
 * @param {number} at
 * @param {Palette} palette
 */
export function drawMoment(context, layout, at, palette) {
  const x = layout.x(at);
  if (x < layout.left - 1 || x > layout.right + 1) return;
  context.strokeStyle = palette.ink;
  context.lineWidth = 1.5;
  line(context, x, 12, x, layout.height);
  context.fillStyle = palette.ink;
  context.beginPath();
  context.moveTo(x - 5, 4);
  context.lineTo(x + 5, 4);
  context.lineTo(x, 13);
  context.fill();
}

/**
 * @param {RunState['processes'][string] | undefined} process
 * @param {Palette} palette
 * @returns {[string, string]}
 */
function roleInWords(process, palette) {
  if (process?.isUp !== true) return ['down', palette.bad];
  if (process.isPaused) return ['paused', palette.warn];
  return [`${process.role}, view ${process.viewnum}`, process.role === 'idle' ? palette.soft : palette.accent];
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {number} y
 * @param {number} width
 * @param {string} color
 */
function plate(context, x, y, width, color) {
  context.fillStyle = color;
  context.beginPath();
  context.roundRect(x, y, width, 15, 3);
  context.fill();
}

/**
 * The arrows of a space-time diagram: each message from its sender's lane to its receiver's. An arrow breaks off where
 * its message was lost.
 */
import { flightKind } from '../model/scene.js';

/** @import { Message } from '../model/trace.d.ts' */
/** @import { Layout } from './space-time-layout.js' */
/** @import { Palette } from './palette.js' */

/** @typedef {{ message: Message, x1: number, y1: number, x2: number, y2: number }} Arrow */

/** With more arrows, heads only hide the lines. With many more, strong lines hide each other. */
const MOST_HEADS = 900;
const MOST_STRONG = 2_500;
/** Where the arrow of a lost message breaks off. */
const BREAK = 0.6;

/**
 * @param {readonly Message[]} messages
 * @param {Layout} layout
 * @param {number} endAt of the run
 * @returns {Arrow[]}
 */
export function arrowsOf(messages, layout, endAt) {
  return messages.flatMap((message) => {
    const [y1, y2] = [layout.y.get(message.from), layout.y.get(message.to)];
    if (y1 === undefined || y2 === undefined) return [];
    // A message lost at once would be a line without length or slope.
    const isShort = message.isLost && message.endAt === message.sentAt;
    const x1 = layout.x(message.sentAt);
    const x2 = isShort ? x1 + 14 : layout.x(Math.min(message.endAt, endAt));
    if (!message.isLost && message.endAt !== Number.POSITIVE_INFINITY) return [{ message, x1, y1, x2, y2 }];
    return [{ message, x1, y1, x2, y2: y1 + (y2 - y1) * BREAK }];
  });
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {readonly Arrow[]} arrows
 * @param {Palette} palette
 */
export function drawArrows(context, arrows, palette) {
  const colors = { ping: palette.edge, prepare: palette.accent, request: palette.ink, answer: palette.good };
  const isDense = arrows.length > MOST_STRONG;
  context.globalAlpha = isDense ? Math.max(0.12, 700 / arrows.length) : 0.85;
  for (const kind of /** @type {const} */ (['ping', 'answer', 'request', 'prepare'])) {
    const own = arrows.filter(({ message }) => flightKind(message.method, message.message) === kind);
    context.strokeStyle = colors[kind];
    context.fillStyle = colors[kind];
    context.lineWidth = kind === 'ping' ? 1 : 1.25;
    context.beginPath();
    for (const { x1, y1, x2, y2 } of own) {
      context.moveTo(x1, y1);
      context.lineTo(x2, y2);
    }
    context.stroke();
    if (arrows.length > MOST_HEADS) continue;
    context.beginPath();
    for (const arrow of own) if (!isBroken(arrow.message)) head(context, arrow);
    context.fill();
  }
  context.globalAlpha = isDense ? 0.45 : 1;
  drawLosses(context, arrows, palette);
  context.globalAlpha = 1;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Arrow} arrow
 * @param {Palette} palette
 */
export function drawChosen(context, arrow, palette) {
  context.strokeStyle = palette.ink;
  context.fillStyle = palette.ink;
  context.lineWidth = 2.5;
  context.beginPath();
  context.moveTo(arrow.x1, arrow.y1);
  context.lineTo(arrow.x2, arrow.y2);
  context.stroke();
  context.beginPath();
  head(context, arrow, 11);
  context.fill();
}

/**
 * The arrow nearest to a point, if one is near.
 * @param {readonly Arrow[]} arrows
 * @param {number} x
 * @param {number} y
 * @returns {{ arrow: Arrow, isAtEnd: boolean } | undefined}
 */
export function arrowAt(arrows, x, y) {
  let best;
  let least = 8;
  for (const arrow of arrows) {
    const [dx, dy] = [arrow.x2 - arrow.x1, arrow.y2 - arrow.y1];
    const share = Math.max(0, Math.min(1, ((x - arrow.x1) * dx + (y - arrow.y1) * dy) / (dx * dx + dy * dy || 1)));
    const distance = Math.hypot(arrow.x1 + share * dx - x, arrow.y1 + share * dy - y);
    if (distance >= least) continue;
    least = distance;
    best = { arrow, isAtEnd: share > 0.5 };
  }
  return best;
}

/** @param {Message} message */
function isBroken({ isLost, endAt }) {
  return isLost || endAt === Number.POSITIVE_INFINITY;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Arrow} arrow
 */
function head(context, { x1, y1, x2, y2 }, size = 7) {
  const angle = Math.atan2(y2 - y1, x2 - x1);
  context.moveTo(x2, y2);
  context.lineTo(x2 - size * Math.cos(angle - 0.4), y2 - size * Math.sin(angle - 0.4));
  context.lineTo(x2 - size * Math.cos(angle + 0.4), y2 - size * Math.sin(angle + 0.4));
  context.closePath();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {readonly Arrow[]} arrows
 * @param {Palette} palette
 */
function drawLosses(context, arrows, palette) {
  context.strokeStyle = palette.bad;
  context.lineWidth = 1.75;
  context.beginPath();
  for (const { message, x2, y2 } of arrows) {
    if (!message.isLost) continue;
    context.moveTo(x2 - 4, y2 - 4);
    context.lineTo(x2 + 4, y2 + 4);
    context.moveTo(x2 - 4, y2 + 4);
    context.lineTo(x2 + 4, y2 - 4);
  }
  context.stroke();
}

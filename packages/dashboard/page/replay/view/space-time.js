/**
 * The space-time diagram (after Lamport, "Time, Clocks, and the Ordering of Events in a Distributed System", 1978),
 * with one lane per process.
 */
import { fitted, following, whole, windowFor, zoomed } from '../model/window.js';
import { paletteOf, prepare } from './palette.js';
import { arrowAt, arrowsOf, drawArrows, drawChosen } from './space-time-arrows.js';
import { drawAxis, drawMarks, drawMoment, drawNames, drawViolation } from './space-time-frame.js';
import { layoutOf } from './space-time-layout.js';
import { drawLines } from './space-time-lines.js';

/** @import { Run } from '../model/run.js' */
/** @import { Message, RunState } from '../model/trace.d.ts' */
/** @import { Window } from '../model/window.js' */
/** @import { Arrow } from './space-time-arrows.js' */
/** @import { Layout } from './space-time-layout.js' */
/** @import { Palette } from './palette.js' */

/** @typedef {{ at: number, state: Readonly<RunState>, chosen: Message | undefined }} Moment */

export class SpaceTime {
  /** @type {HTMLCanvasElement} */
  #canvas;
  /** The parts that do not change while only the moment moves. */
  #still = document.createElement('canvas');
  #stillKey = '';
  /** @type {Run} */
  #run;
  /** @type {Window} */
  #window;
  /** @type {Palette} */
  #palette;
  /** @type {Layout | undefined} */
  #layout;
  /** The width of the canvas when it was last drawn. */
  #width = 0;
  /** @type {Arrow[]} */
  #arrows = [];
  /** Whether a message is drawn. @type {(message: Message) => boolean} */
  #isShown = () => true;
  #changes = 0;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {Run} run
   */
  constructor(canvas, run) {
    this.#canvas = canvas;
    this.#run = run;
    this.#window = whole(run.endAt);
    this.#palette = paletteOf(canvas);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#forget());
  }

  /** @param {(message: Message) => boolean} isShown */
  show(isShown) {
    this.#isShown = isShown;
    this.#forget();
  }

  fit() {
    this.#look(whole(this.#run.endAt));
  }

  /**
   * @param {number} factor above 1 shows more time
   * @param {number} at keeps its position
   */
  zoom(factor, at) {
    const { from, to } = this.#window;
    this.#look(zoomed(this.#window, factor, Math.max(from, Math.min(to, at)), this.#run.endAt));
  }

  /**
   * What is between two fingers stays between them.
   * @param {number} factor above 1 shows more time, because the fingers came closer
   * @param {number} before the middle of the fingers, in CSS pixels from the left
   * @param {number} after
   */
  pinch(factor, before, after) {
    this.move(after - before);
    const layout = this.#layout;
    if (layout !== undefined) this.zoom(factor, layout.at(after));
  }

  /** @param {number} pixels */
  move(pixels) {
    const layout = this.#layout;
    if (layout === undefined) return;
    const byMs = layout.at(layout.left) - layout.at(layout.left + pixels);
    const { from, to } = this.#window;
    this.#look(fitted({ from: from + byMs, to: to + byMs }, this.#run.endAt));
  }

  /** @param {number} at */
  follow(at) {
    this.#look(following(this.#window, at, this.#run.endAt));
  }

  /**
   * Shows some seconds of real time at that speed.
   * @param {number} speed
   * @param {number} at
   */
  pace(speed, at) {
    this.#look(windowFor(speed, at, this.#run.endAt));
  }

  /**
   * @param {number} at
   * @param {number} roomMs before and after it
   */
  lookAt(at, roomMs) {
    this.#look(fitted({ from: at - roomMs, to: at + roomMs }, this.#run.endAt));
  }

  /** @param {number} x CSS pixels from the left */
  timeAt(x) {
    return Math.max(0, Math.min(this.#run.endAt, this.#layout?.at(x) ?? 0));
  }

  /**
   * The event drawn at a point, if there is one.
   * @param {number} x
   * @param {number} y
   * @returns {number | undefined}
   */
  eventAt(x, y) {
    const layout = this.#layout;
    if (layout === undefined || x < layout.left) return undefined;
    const mark = this.#run.marks.find(({ at, kind }) => {
      const isNear = Math.abs(layout.x(at) - x) < 6;
      return isNear && (kind === 'violation' || y < layout.top + 4);
    });
    if (mark !== undefined) return mark.event;
    const found = arrowAt(this.#arrows, x, y);
    if (found !== undefined) return eventOf(found.arrow.message, found.isAtEnd);
    const lane = layout.lanes.find(({ name }) => Math.abs((layout.y.get(name) ?? 0) - y) < 6);
    return lane?.operations.find(({ from, to }) => layout.x(from) - 2 <= x && layout.x(to) + 2 >= x)?.event;
  }

  /** Updates the layout at once, because pointers move several times between two drawings. @param {Window} window */
  #look(window) {
    this.#window = window;
    if (this.#layout !== undefined) this.#layout = layoutOf(this.#run.lanes, this.#width, window);
  }

  /** @param {Moment} moment */
  draw({ at, state, chosen }) {
    this.#width = this.#canvas.clientWidth;
    const layout = layoutOf(this.#run.lanes, this.#width, this.#window);
    this.#layout = layout;
    const height = `${layout.height}px`;
    if (this.#canvas.style.height !== height) this.#canvas.style.height = height;
    const ready = prepare(this.#canvas, layout.height);
    if (ready === undefined) return;
    const { context, width } = ready;
    this.#drawStill(layout, width);
    context.drawImage(this.#still, 0, 0, width, layout.height);
    const arrow = this.#arrows.find(({ message }) => message === chosen);
    if (arrow !== undefined) drawChosen(context, arrow, this.#palette);
    drawNames(context, layout, state, this.#palette);
    drawMoment(context, layout, at, this.#palette);
  }

  /**
   * @param {Layout} layout
   * @param {number} width
   */
  #drawStill(layout, width) {
    const { from, to } = this.#window;
    const ratio = globalThis.devicePixelRatio || 1;
    const key = [from, to, width, layout.height, ratio, this.#changes].join(' ');
    if (key === this.#stillKey) return;
    this.#stillKey = key;
    this.#still.width = Math.round(width * ratio);
    this.#still.height = Math.round(layout.height * ratio);
    const context = /** @type {CanvasRenderingContext2D} */ (this.#still.getContext('2d'));
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const messages = this.#run.messages.between(from, to).filter(this.#isShown);
    this.#arrows = arrowsOf(messages, layout, this.#run.endAt);
    drawAxis(context, layout, this.#window, this.#palette);
    drawLines(context, layout, this.#palette);
    drawArrows(context, this.#arrows, this.#palette);
    drawMarks(context, layout, this.#run.marks, this.#palette);
    for (const violation of this.#run.violations) drawViolation(context, layout, violation, this.#palette);
  }

  #forget() {
    this.#palette = paletteOf(this.#canvas);
    this.#changes += 1;
  }
}

/**
 * @param {Message} message
 * @param {boolean} isAtEnd
 */
function eventOf({ sent, ended }, isAtEnd) {
  if (isAtEnd && ended !== -1) return ended;
  return sent === -1 ? ended : sent;
}

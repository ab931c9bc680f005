/** The slider over the whole run, with marks above it. */
import { timeInWords } from '../model/words.js';
import { byId } from './dom.js';
import { paletteOf, prepare } from './palette.js';
import { line } from './space-time-lines.js';

/** @import { Run } from '../model/run.js' */

/** The steps of the slider, and half the width of its thumb in pixels. */
const STEPS = 10_000;
const THUMB = 8;

export class Scrubber {
  #run;
  #slider = byId('scrubber', HTMLInputElement);
  #canvas = byId('marks', HTMLCanvasElement);

  /**
   * @param {Run} run
   * @param {(at: number) => void} onSeek
   */
  constructor(run, onSeek) {
    this.#run = run;
    this.#slider.max = String(STEPS);
    this.#slider.addEventListener('input', () => onSeek((Number(this.#slider.value) / STEPS) * run.endAt));
    this.#canvas.addEventListener('click', (event) => onSeek(this.#markAt(event.offsetX)));
    new ResizeObserver(() => this.#drawMarks()).observe(this.#canvas);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#drawMarks());
  }

  /** @param {number} at */
  show(at) {
    const value = String(Math.round((at / (this.#run.endAt || 1)) * STEPS));
    if (this.#slider.value !== value) this.#slider.value = value;
    this.#slider.setAttribute('aria-valuetext', timeInWords(at));
  }

  #drawMarks() {
    const ready = prepare(this.#canvas);
    if (ready === undefined) return;
    const { context, height } = ready;
    const palette = paletteOf(this.#canvas);
    const colors = {
      fault: palette.warn,
      ended: palette.bad,
      healed: palette.good,
      view: palette.accent,
      violation: palette.bad,
    };
    for (const kind of /** @type {const} */ (['fault', 'ended', 'healed', 'view', 'violation'])) {
      context.strokeStyle = colors[kind];
      context.lineWidth = kind === 'violation' ? 4 : kind === 'fault' ? 1 : 2;
      const top = kind === 'fault' || kind === 'ended' ? height / 2 : 0;
      for (const mark of this.#run.marks) {
        if (mark.kind !== kind) continue;
        const x = this.#xOf(mark.at);
        line(context, x, top, x, height);
      }
    }
  }

  /** @param {number} at */
  #xOf(at) {
    return THUMB + (at / (this.#run.endAt || 1)) * (this.#canvas.clientWidth - 2 * THUMB);
  }

  /** The time of the nearest mark, or the clicked time if no mark is near. @param {number} x */
  #markAt(x) {
    const near = this.#run.marks
      .filter(({ at }) => Math.abs(this.#xOf(at) - x) < 5)
      .sort((one, other) => rank(one.kind) - rank(other.kind))[0];
    const share = (x - THUMB) / Math.max(1, this.#canvas.clientWidth - 2 * THUMB);
    return near?.at ?? share * this.#run.endAt;
  }
}

/** @param {string} kind */
function rank(kind) {
  return ['violation', 'view', 'healed', 'ended', 'fault'].indexOf(kind);
}

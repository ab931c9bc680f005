/** One event stream to each node. A broken stream is opened again. */

/** @import { Hello, Notice, Sample } from '../../src/feed.ts' */

/**
 * @typedef {object} Listener
 * @property {(base: string, hello: Hello) => void} hello
 * @property {(base: string, notice: Notice) => void} notice
 * @property {(base: string, sample: Sample) => void} sample
 * @property {(base: string) => void} lost called once for each lost connection, and for each failed try
 */
/** @import { Reach, Source } from './reach.js' */
/** @typedef {{ source: Source | undefined, timer: number | undefined, tries: number }} Line */

const FIRST_PAUSE_MS = 400;
const LONGEST_PAUSE_MS = 5_000;
/** More nodes than a cluster has. */
const MOST = 64;

export class Streams {
  /** @type {Listener} */
  #listener;
  /** @type {Reach} */
  #reach;
  /** By base, such as http://127.0.0.1:7001. @type {Map<string, Line>} */
  #lines = new Map();

  /** @param {Listener} listener @param {Reach} reach */
  constructor(listener, reach) {
    this.#listener = listener;
    this.#reach = reach;
  }

  /** @param {string} base */
  listenTo(base) {
    if (this.#lines.has(base) || this.#lines.size >= MOST) return;
    /** @type {Line} */
    const line = { source: undefined, timer: undefined, tries: 0 };
    this.#lines.set(base, line);
    this.#connect(base, line);
  }

  /** Another node has heard of it, so there is no need to wait longer. @param {string} base */
  hurry(base) {
    const line = this.#lines.get(base);
    if (line?.timer === undefined || line.tries < 2) return;
    line.tries = 1;
    this.#again(base, line);
  }

  /** The node is now reachable in another way. @param {string} base */
  anew(base) {
    const line = this.#lines.get(base);
    if (line === undefined) return;
    window.clearTimeout(line.timer);
    line.source?.close();
    this.#connect(base, line);
  }

  /** @param {string} base @param {Line} line */
  #connect(base, line) {
    line.timer = undefined;
    const source = this.#reach.events(base);
    line.source = source;
    const listen = (/** @type {string} */ kind, /** @type {(data: never) => void} */ tell) =>
      source.addEventListener(kind, (event) => {
        if (line.source !== source) return;
        tell(/** @type {never} */ (JSON.parse(/** @type {MessageEvent<string>} */ (event).data)));
      });
    listen('hello', (/** @type {Hello} */ hello) => {
      line.tries = 0;
      this.#listener.hello(base, hello);
    });
    listen('notice', (/** @type {Notice} */ notice) => this.#listener.notice(base, notice));
    listen('sample', (/** @type {Sample} */ sample) => this.#listener.sample(base, sample));
    source.addEventListener('error', () => {
      if (line.source !== source) return;
      // The browser's own pause is three seconds, and after some failures it gives up.
      source.close();
      line.source = undefined;
      this.#listener.lost(base);
      this.#again(base, line);
    });
  }

  /** @param {string} base @param {Line} line */
  #again(base, line) {
    window.clearTimeout(line.timer);
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** line.tries);
    line.tries += 1;
    line.timer = window.setTimeout(() => this.#connect(base, line), pauseMs);
  }
}

/** The current event: its description at once, and its content in the trace as soon as the server has sent it. */
import { loadEvent } from '../load.js';
import { inWords } from '../model/words.js';
import { byId } from './dom.js';

/** @import { TraceEvent } from '../model/trace.d.ts' */

/** Milliseconds without another event until the server is asked. */
const PATIENCE_MS = 60;

export class Detail {
  #events;
  #place = -1;
  #waiting = 0;
  #asked = new AbortController();
  #words = byId('detail-words', HTMLElement);
  #number = byId('detail-place', HTMLElement);
  #text = byId('detail-text', HTMLElement);

  /** @param {readonly TraceEvent[]} events */
  constructor(events) {
    this.#events = events;
  }

  /**
   * @param {number} place
   * @param {boolean} isPlaying events then pass too fast to be read
   */
  show(place, isPlaying) {
    if (place === this.#place) return;
    this.#place = place;
    const event = /** @type {TraceEvent} */ (this.#events[place]);
    this.#words.textContent = inWords(event);
    this.#number.textContent = `line ${place + 1}, ${event.at.toFixed(3)} ms`;
    this.#asked.abort();
    clearTimeout(this.#waiting);
    this.#text.textContent = '';
    if (!isPlaying) {
      this.#waiting = setTimeout(() => this.#load(place), PATIENCE_MS);
      return;
    }
    this.#place = -1;
    this.#text.textContent = 'pause to see it as the trace has it';
  }

  /** @param {number} place */
  async #load(place) {
    const asked = new AbortController();
    this.#asked = asked;
    try {
      this.#text.textContent = readable(await loadEvent(place, asked.signal));
    } catch (error) {
      if (!asked.signal.aborted)
        this.#text.textContent = `not to be had: ${error instanceof Error ? error.message : error}`;
    }
  }
}

/** The text of a message is JSON within JSON. @param {Record<string, unknown>} event */
function readable({ text, ...event }) {
  const whole = typeof text === 'string' ? { ...event, text: parsed(text) } : event;
  return JSON.stringify(whole, null, 1)
    .replaceAll(/^ +/gm, (spaces) => spaces + spaces)
    .replaceAll(/\[\s+([^[\]{}]*?)\s+\]/g, (_, inner) => `[${inner.replaceAll(/\s*\n\s*/g, ' ')}]`);
}

/** @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

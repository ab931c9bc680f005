/** The list of events. It has only the visible rows, however long the run is, and follows the moment. */
import { keep } from '../../view/svg.js';
import { countUpTo, filtered } from '../model/filter.js';
import { GROUPS, groupOf, inWords } from '../model/words.js';
import { byId, make, tickBox } from './dom.js';

/** @import { TraceEvent } from '../model/trace.d.ts' */
/** @import { Group } from '../model/words.js' */

/** In pixels; the same as in replay.css. */
const ROW = 24;
/** Rows above and below the visible ones. */
const SPARE = 6;
/** Milliseconds after the last key until the filter is applied. */
const PATIENCE_MS = 120;

export class EventList {
  #events;
  #onPick;
  #region = byId('events', HTMLElement);
  #rows = /** @type {HTMLOListElement} */ (this.#region.querySelector('ol'));
  #count = byId('events-count', HTMLElement);
  /** @type {Set<Group>} */
  #groups = new Set(GROUPS);
  #text = '';
  /** The places of the events that it shows. @type {readonly number[]} */
  #places;
  #place = 0;

  /**
   * @param {readonly TraceEvent[]} events
   * @param {(place: number) => void} onPick
   */
  constructor(events, onPick) {
    this.#events = events;
    this.#onPick = onPick;
    this.#places = events.map((_, place) => place);
    this.#region.addEventListener('scroll', () => this.#draw());
    new ResizeObserver(() => this.#draw()).observe(this.#region);
    this.#rows.addEventListener('click', (event) => this.#pick(event));
    this.#offerGroups();
    this.#offerSearch();
    this.#filter();
  }

  /** Scrolls to that event, the last one before the moment. @param {number} place */
  follow(place) {
    if (place === this.#place) return;
    this.#place = place;
    const row = Math.max(0, countUpTo(this.#places, place) - 1);
    const { scrollTop, clientHeight } = this.#region;
    const top = row * ROW;
    if (top < scrollTop + ROW || top > scrollTop + clientHeight - 3 * ROW) {
      this.#region.scrollTop = Math.max(0, top - clientHeight * 0.4);
    }
    this.#draw();
  }

  #offerGroups() {
    const boxes = GROUPS.filter((group) => this.#events.some((event) => groupOf(event) === group)).map((group) =>
      tickBox(group, true, (isTicked) => {
        if (isTicked) this.#groups.add(group);
        else this.#groups.delete(group);
        this.#filter();
      }),
    );
    byId('groups', HTMLFieldSetElement).append(...boxes);
  }

  #offerSearch() {
    const search = byId('search', HTMLInputElement);
    let waiting = 0;
    search.addEventListener('input', () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => {
        this.#text = search.value;
        this.#filter();
      }, PATIENCE_MS);
    });
  }

  #filter() {
    this.#places = filtered(this.#events, this.#groups, this.#text);
    const [shown, all] = [this.#places.length, this.#events.length];
    const number = new Intl.NumberFormat('en');
    this.#count.textContent = shown === all ? number.format(all) : `${number.format(shown)} of ${number.format(all)}`;
    this.#rows.style.height = `${shown * ROW}px`;
    const place = this.#place;
    this.#place = -1;
    this.follow(place);
  }

  #draw() {
    const first = Math.max(0, Math.floor(this.#region.scrollTop / ROW) - SPARE);
    const count = Math.ceil(this.#region.clientHeight / ROW) + 2 * SPARE;
    const current = countUpTo(this.#places, this.#place) - 1;
    const rows = this.#places.slice(first, first + count).map((place, at) => ({ place, row: first + at }));
    keep(this.#rows, rows, {
      key: ({ place }) => String(place),
      make: ({ place }) => this.#make(place),
      change: (element, { row }) => change(/** @type {HTMLElement} */ (element), row, current),
    });
  }

  /** @param {number} place */
  #make(place) {
    const event = /** @type {TraceEvent} */ (this.#events[place]);
    const words = make('span', { class: 'words' }, inWords(event));
    const time = make('span', { class: 'time' }, (event.at / 1_000).toFixed(4));
    const state = event.kind === 'process' ? event.state : event.kind;
    return make('li', { class: `${groupOf(event)} ${state}` }, make('button', { type: 'button' }, time, words));
  }

  /** @param {Event} event */
  #pick({ target }) {
    const row = target instanceof Element ? target.closest('li') : null;
    if (row !== null) this.#onPick(Number(row.getAttribute('data-key')));
  }
}

/**
 * @param {HTMLElement} element
 * @param {number} row
 * @param {number} current
 */
function change(element, row, current) {
  const top = `${row * ROW}px`;
  if (element.style.top !== top) element.style.top = top;
  element.classList.toggle('ahead', row > current);
  const button = /** @type {Element} */ (element.firstElementChild);
  if (row === current) button.setAttribute('aria-current', 'true');
  else button.removeAttribute('aria-current');
}

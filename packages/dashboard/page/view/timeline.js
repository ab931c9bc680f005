/**
 * The timeline of views: one button per view, the latest last, and a slider over everything that the page remembers.
 */
import { ago, causeInWords, clock, span } from '../model/words.js';
import { find, h } from './html.js';
import { keep, say, set } from './svg.js';

/** @import { ViewEntry } from '../model/state.d.ts' */
/** @import { Page, Scene, View } from './scene.d.ts' */
/** @typedef {import('../model/status.d.ts').View} Seats */

const MOST_SHOWN = 60;
/** Just after the change, so that its effect is shown. */
export const BEHIND_MS = 1;

/** @param {Page} page @returns {View} */
export function timelineView(page) {
  const list = find('views');
  /** @type {HTMLInputElement} */
  const scrub = find('scrub');
  let isAtEnd = true;
  let newest = 0;
  list.addEventListener('scroll', () => {
    isAtEnd = list.scrollLeft + list.clientWidth > list.scrollWidth - 40;
  });
  scrub.addEventListener('input', () =>
    page.show(Number(scrub.value) >= Number(scrub.max) ? undefined : Number(scrub.value)),
  );
  return { update };

  /** @param {Scene} scene */
  function update({ model: { timeline, since }, now, moment }) {
    const entries = timeline.entries.slice(-MOST_SHOWN);
    const chosen = timeline.holdingAt(moment ?? now);
    keep(list, entries, {
      key: ({ viewnum }) => String(viewnum),
      make: ({ viewnum, at }) => card(() => page.show(timeline.entries.find((it) => it.viewnum === viewnum)?.at ?? at)),
      change: (element, entry) =>
        change(element, entry, {
          now,
          isChosen: moment !== undefined && entry === chosen,
          isLast: entry === entries.at(-1),
        }),
    });
    const last = entries.at(-1)?.viewnum ?? 0;
    if (last !== newest && isAtEnd) list.scrollLeft = list.scrollWidth;
    newest = last;
    set(scrub, { min: Math.floor((since ?? now - 1_000) / 250) * 250, max: Math.floor(now / 250) * 250 });
    if (document.activeElement !== scrub || moment === undefined) scrub.value = String(moment ?? now);
    set(scrub, { 'aria-valuetext': moment === undefined ? 'now' : clock(moment) });
    say(find('scrub-time'), moment === undefined ? 'now' : clock(moment).slice(0, 8));
  }
}

/** @param {() => void} choose */
function card(choose) {
  const button = h(
    'button',
    { type: 'button', click: choose },
    h('span', { class: 'number' }),
    h('span', { class: 'when soft' }),
    h('span', { class: 'seats mono' }),
    h('span', { class: 'cause' }),
    h('span', { class: 'acknowledged' }),
  );
  return h('li', {}, button);
}

/**
 * @param {Element} element
 * @param {ViewEntry} entry
 * @param {{ now: number, isChosen: boolean, isLast: boolean }} how
 */
function change(element, { viewnum, at, view, causes, acknowledgedAt, isFailover }, { now, isChosen, isLast }) {
  const button = /** @type {Element} */ (element.firstElementChild);
  const [number, when, seats, cause, acknowledged] = /** @type {[Element, Element, Element, Element, Element]} */ ([
    ...button.children,
  ]);
  set(button, { 'aria-current': isChosen ? 'true' : 'false' });
  set(element, { class: `${isFailover ? 'failover' : ''} ${isLast ? 'last' : ''}` });
  say(number, `View ${viewnum}${isFailover ? ' – failover' : ''}`);
  say(when, ago(now - at));
  set(when, { title: clock(at) });
  say(seats, seatsOf(view));
  say(cause, causes.length === 0 ? 'cause not known here' : causes.map(causeInWords).join('; '));
  const delayMs = acknowledgedAt === undefined ? undefined : acknowledgedAt - at;
  say(
    acknowledged,
    delayMs === undefined
      ? causes.length === 0
        ? 'acknowledged or not: not known here'
        : 'not acknowledged'
      : `acknowledged${delayMs > 0 ? ` after ${span(delayMs)}` : ''}`,
  );
  const how = delayMs !== undefined ? 'yes' : causes.length === 0 ? 'unknown' : 'no';
  set(acknowledged, { class: `acknowledged ${how}` });
}

/** The primary, then its backups. Backups on the same host are shown by port only. @param {Seats} seats */
function seatsOf({ primary, backups }) {
  const host = primary.slice(0, primary.lastIndexOf(':') + 1);
  return [primary, ...backups.map((it) => (it.startsWith(host) ? it.slice(host.length - 1) : it))].join(' → ');
}

/** The feed of events, the latest first, with filters by text, level and node. */
import { clock } from '../model/words.js';
import { find, h, hide } from './html.js';
import { keep, say } from './svg.js';

/** @import { FeedEntry } from '../model/state.d.ts' */
/** @import { Page, Scene, View } from './scene.d.ts' */

const MOST_SHOWN = 150;
const LEVELS = ['debug', 'info', 'warn', 'error'];
/** Signs that distinguish levels without colour. */
const SIGNS = { debug: '·', info: '·', warn: '!', error: '✕' };

/** @param {Page} page @returns {View} */
export function feedView(page) {
  /** @type {HTMLInputElement} */
  const text = find('feed-text');
  /** @type {HTMLSelectElement} */
  const level = find('feed-level');
  /** @type {HTMLSelectElement} */
  const node = find('feed-node');
  let drawn = '';
  find('feed-filter').addEventListener('input', () => page.changed());
  find('feed-filter').addEventListener('submit', (event) => event.preventDefault());
  find('feed-request').addEventListener('click', () => {
    const base = node.value === '' ? location.origin : `http://${node.value}`;
    page.showRequest('The events of one node, as they happen', { method: 'GET', base, path: '/events', headers: {} });
  });
  return { update };

  /** @param {Scene} scene */
  function update({ model: { events }, now, moment, cluster }) {
    offerNodes([...cluster.monitors, ...cluster.members].map((member) => member.node));
    const wish = text.value.trim().toLowerCase();
    const least = LEVELS.indexOf(level.value);
    const accepts = (/** @type {FeedEntry} */ entry) =>
      LEVELS.indexOf(entry.level) >= least &&
      (node.value === '' || entry.node === node.value) &&
      (wish === '' || `${entry.node} ${entry.kind} ${entry.text}`.toLowerCase().includes(wish));
    const entries = events.latest({ until: moment ?? now + 60_000, most: MOST_SHOWN, accepts });
    const as = `${entries.length} ${entries[0]?.id} ${entries.at(-1)?.id} ${moment}`;
    if (as === drawn) return;
    drawn = as;
    hide(find('no-events'), entries.length > 0);
    hide(find('events'), entries.length === 0);
    say(find('feed-words'), entries.length === MOST_SHOWN ? `the last ${MOST_SHOWN}` : `${entries.length}`);
    keep(find('events'), entries, { key: ({ id }) => id, make: line, change: () => {} });
  }

  /** @param {readonly string[]} names */
  function offerNodes(names) {
    if (names.length === node.options.length - 1 && names.every((name, at) => node.options[at + 1]?.value === name))
      return;
    const chosen = node.value;
    node.replaceChildren(new Option('all nodes', ''), ...names.map((name) => new Option(name, name)));
    node.value = names.includes(chosen) ? chosen : '';
  }
}

/** @param {FeedEntry} entry */
function line({ at, node, level, text }) {
  return h(
    'li',
    { class: level },
    h(
      'span',
      { class: 'level', title: level },
      h('span', { 'aria-hidden': 'true' }, SIGNS[level]),
      h('span', { class: 'unseen' }, `${level}: `),
    ),
    h('time', { class: 'mono' }, clock(at)),
    h('span', { class: 'node mono' }, node),
    h('span', { class: 'text' }, text),
  );
}

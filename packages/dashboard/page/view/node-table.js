/**
 * The table of nodes: role, state, log position, lag, data held, and time of the last ping. On a phone, each row
 * becomes a card.
 */
import { bytes, count, span } from '../model/words.js';
import { find, h, hide } from './html.js';
import { keep, say, set } from './svg.js';

/** @import { Cluster, Member } from '../model/state.d.ts' */
/** @import { Page, Scene, View } from './scene.d.ts' */

/** @type {readonly { readonly name: string, readonly isNumber?: boolean, readonly of: (member: Member, cluster: Cluster) => string }[]} */
const COLUMNS = [
  { name: 'Node', of: ({ node }) => node },
  { name: 'Role', of: ({ role }) => role },
  { name: 'State', of: stateOf },
  {
    name: 'Log position',
    isNumber: true,
    of: ({ server }) => (server === undefined ? '–' : `${server.position.viewnum} / ${count(server.position.index)}`),
  },
  { name: 'Committed', isNumber: true, of: ({ server }) => count(server?.commitIndex) },
  { name: 'Lag', isNumber: true, of: ({ lag, role }) => (role === 'backup' ? count(lag) : '–') },
  { name: 'Keys', isNumber: true, of: ({ server }) => count(server?.keys) },
  { name: 'Sessions', isNumber: true, of: ({ server }) => count(server?.sessions) },
  { name: 'Memory', isNumber: true, of: memoryOf },
  {
    name: 'Last ping',
    isNumber: true,
    of: ({ lastPingMs }) =>
      lastPingMs === undefined ? '–' : `${lastPingMs < 1_000 ? `${Math.round(lastPingMs)} ms` : span(lastPingMs)}`,
  },
  {
    name: 'Age of data',
    isNumber: true,
    of: ({ ageMs }) => (ageMs === undefined ? '–' : ageMs < 1_500 ? 'live' : span(ageMs)),
  },
];
const STATE = COLUMNS.findIndex(({ name }) => name === 'State');
const WORDS = {
  live: 'live',
  syncing: 'syncing',
  suspect: 'suspect',
  dead: 'dead',
  paused: 'paused',
  unknown: 'unknown',
};

/** @param {Page} page @returns {View} */
export function nodeTableView(page) {
  const section = find('nodes');
  const head = /** @type {HTMLElement} */ (section.querySelector('thead'));
  const body = /** @type {HTMLElement} */ (section.querySelector('tbody'));
  const headings = COLUMNS.map(({ name, isNumber }) =>
    h('th', { role: 'columnheader', scope: 'col', class: isNumber === true ? 'number' : '' }, name),
  );
  head.append(h('tr', { role: 'row' }, ...headings));
  /** @type {string | undefined} */
  let base;
  find('nodes-request').addEventListener('click', () => {
    page.showRequest('How the cluster stands', {
      method: 'GET',
      base: base ?? location.origin,
      path: '/cluster/status',
      headers: {},
    });
  });
  return {
    update(/** @type {Scene} */ scene) {
      base = scene.base;
      const { members, monitors } = scene.cluster;
      const all = [...members, ...monitors];
      hide(find('no-nodes'), all.length > 0);
      hide(/** @type {HTMLElement} */ (section.querySelector('table')), all.length === 0);
      keep(body, all, {
        key: ({ node }) => node,
        make: makeRow,
        change: (row, member) => changeRow(row, member, scene),
      });
    },
  };
}

/** @param {Member} member */
function makeRow({ node }) {
  const cells = COLUMNS.map(({ name, isNumber }, at) => {
    const attributes = {
      role: at === 0 ? 'rowheader' : 'cell',
      'data-name': name,
      class: isNumber === true ? 'number' : '',
    };
    if (at === 0) return h('th', { ...attributes, scope: 'row' }, h('a', { href: `http://${node}/`, class: 'mono' }));
    return at === STATE
      ? h('td', attributes, h('span', { class: 'dot', 'aria-hidden': 'true' }), h('span'))
      : h('td', attributes);
  });
  return h('tr', { role: 'row' }, ...cells);
}

/** @param {Element} row @param {Member} member @param {Scene} scene */
function changeRow(row, member, { cluster }) {
  const { condition, isStale, role } = member;
  set(row, { class: `${role} ${condition}${isStale ? ' stale' : ''}` });
  COLUMNS.forEach(({ of }, at) => {
    const cell = /** @type {Element} */ (row.children[at]);
    say(at === 0 || at === STATE ? /** @type {Element} */ (cell.lastElementChild) : cell, of(member, cluster));
  });
}

/** The memory that the node uses, of the memory that it may use. @param {Member} member */
function memoryOf({ server }) {
  if (server?.memory === undefined) return '–';
  const { heldBytes, maxBytes, full } = server.memory;
  return `${bytes(heldBytes)} of ${bytes(maxBytes)}${full ? ', full' : ''}`;
}

/** @param {Member} member @param {Cluster} cluster */
function stateOf({ condition, remark, node, isStale, isHeard, role }, { transfers }) {
  const transfer = transfers.find(({ to }) => to === node);
  const share =
    transfer === undefined || transfer.total === 0 ? '' : `, ${Math.floor((100 * transfer.sent) / transfer.total)} %`;
  const more =
    remark !== ''
      ? `, ${remark}`
      : isStale && condition === 'live'
        ? ', not heard here'
        : !isHeard && role !== 'monitor' && condition === 'live'
          ? ', not heard here'
          : '';
  return `${WORDS[condition]}${share}${more}`;
}

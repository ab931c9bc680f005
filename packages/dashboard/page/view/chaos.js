/**
 * The chaos panel: kills, pauses, cuts off and restarts the processes of a local cluster, and drives load. Shown only
 * if the cluster offers it.
 */
import { doChaos } from '../model/requests.js';
import { compact } from '../model/words.js';
import { failureOf } from '../net/send.js';
import { find, h, hide } from './html.js';
import { keep, say, set } from './svg.js';

/** @import { ChaosNode, ChaosState } from '../../src/feed.ts' */
/** @import { Page, Scene, View } from './scene.d.ts' */

const LOADS = [0, 10, 200, 2_000, 20_000];

/**
 * One button each. Its action depends on the state of the node.
 * @type {readonly ((node: ChaosNode) => { readonly action: string, readonly words: string, readonly isPossible: boolean })[]}
 */
const DEEDS = [
  ({ state }) => ({ action: 'kill', words: 'Kill', isPossible: state === 'running' || state === 'paused' }),
  ({ state }) =>
    state === 'paused'
      ? { action: 'resume', words: 'Resume', isPossible: true }
      : { action: 'pause', words: 'Pause', isPossible: state === 'running' },
  ({ state, cutFrom }) =>
    cutFrom.length > 0
      ? { action: 'heal', words: 'Heal', isPossible: true }
      : { action: 'cut', words: 'Cut off', isPossible: state === 'running' },
  ({ state }) => ({ action: 'restart', words: 'Restart', isPossible: state !== 'starting' }),
];

/** @param {Page} page @returns {View} */
export function chaosView(page) {
  /** @type {string | undefined} */
  let base;
  const buttons = LOADS.map((rate) =>
    h(
      'button',
      { type: 'button', 'data-rate': String(rate), click: () => act('load', { rate }) },
      rate === 0 ? 'off' : `${compact(rate)}/s`,
    ),
  );
  find('load').append(
    h('span', { class: 'soft' }, 'Load'),
    h('div', { role: 'group', 'aria-label': 'Load in operations per second' }, ...buttons),
    h(
      'button',
      {
        type: 'button',
        class: 'quiet code',
        'aria-label': 'Copy request: load',
        title: 'Copy the request as curl or TypeScript',
        click: () => page.showRequest('Drive load', request('load', { rate: 2_000 })),
      },
      '</>',
    ),
  );
  return { update };

  /** @param {Scene} scene */
  function update({ model, moment, cluster }) {
    base = model.chaos === undefined ? undefined : `http://${model.chaos}`;
    const state = model.nodes.find(({ chaos }) => chaos !== undefined)?.chaos;
    hide(find('chaos'), base === undefined || state === undefined);
    if (state === undefined) return;
    showLoad(state, moment !== undefined);
    keep(find('chaos-nodes'), state.nodes, {
      key: ({ node }) => node,
      make: ({ node, kind }) => makeNode(node, kind),
      change: (element, node) =>
        changeNode(element, node, cluster.members.find((it) => it.node === node.node)?.role, moment !== undefined),
    });
  }

  /** @param {ChaosState} state @param {boolean} isPast */
  function showLoad({ load }, isPast) {
    for (const button of /** @type {HTMLButtonElement[]} */ (buttons)) {
      button.setAttribute('aria-pressed', String(Number(button.dataset.rate) === load.rate));
      button.disabled = isPast;
    }
  }

  /** @param {string} node @param {string} kind */
  function makeNode(node, kind) {
    const deeds = DEEDS.map(() => {
      const button = h('button', {
        type: 'button',
        click: () => act(button.dataset.action ?? '', { node }),
      });
      return button;
    });
    return h(
      'li',
      {},
      h('p', {}, h('span', { class: 'mono' }, node), h('span', { class: 'soft' }, kind)),
      h(
        'div',
        { class: 'deeds' },
        ...deeds,
        h(
          'button',
          {
            type: 'button',
            class: 'quiet code',
            title: 'Copy the request as curl or TypeScript',
            'aria-label': `Copy request: kill ${node}`,
            click: () => page.showRequest(`Kill ${node}`, request('kill', { node })),
          },
          '</>',
        ),
      ),
    );
  }

  /** @param {Element} element @param {ChaosNode} node @param {string | undefined} role @param {boolean} isPast */
  function changeNode(element, node, role, isPast) {
    const pid = node.pid === 0 ? '' : `, pid ${node.pid}`;
    const cut = node.cutFrom.length === 0 ? '' : `, cut off from the ${node.cutFrom.join(' and the ')}`;
    say(/** @type {Element} */ (element.querySelector('.soft')), `${role ?? node.kind}, ${node.state}${pid}${cut}`);
    const buttons = /** @type {NodeListOf<HTMLButtonElement>} */ (element.querySelectorAll('.deeds > :not(.quiet)'));
    DEEDS.forEach((deedOf, at) => {
      const { action, words, isPossible } = deedOf(node);
      const button = /** @type {HTMLButtonElement} */ (buttons[at]);
      set(button, { 'data-action': action, 'aria-label': `${words} ${node.node}` });
      say(button, words);
      button.disabled = isPast || !isPossible;
    });
  }

  /** @param {string} action @param {Readonly<Record<string, string | number>>} parameters */
  function request(action, parameters) {
    return doChaos(base ?? location.origin, action, parameters);
  }

  /** @param {string} action @param {Readonly<Record<string, string | number>>} parameters */
  async function act(action, parameters) {
    const words = await page.send(request(action, parameters)).then(
      (answer) => (answer.status < 300 ? '' : `Not done: ${failureOf(answer)}`),
      (/** @type {Error} */ error) => error.message,
    );
    say(find('chaos-failure'), words);
    hide(find('chaos-failure'), words === '');
  }
}

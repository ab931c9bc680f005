/** The key browser: lists keys by prefix, follows changes, and opens the editor of a key. */
import { getKey, listKeys } from '../model/requests.js';
import { count, several } from '../model/words.js';
import { failureOf } from '../net/send.js';
import { find, h, hide } from './html.js';
import { keyEditor } from './key-editor.js';
import { keep, say } from './svg.js';

/** @import { Page, Scene, View } from './scene.d.ts' */
/** @typedef {{ readonly key: string, readonly value: string, readonly revision: number }} Entry */

const FIRST_LIMIT = 25;
const MOST = 1_000;
/** The least time between two requests, however much changes. */
const PAUSE_MS = 1_000;
/** Longer values are cut off in the list. */
const SHOWN_LENGTH = 200;

/** @param {Page} page @returns {View} */
export function keyBrowserView(page) {
  /** @type {HTMLInputElement} */
  const prefix = find('prefix');
  /** @type {string | undefined} */
  let base;
  let limit = FIRST_LIMIT;
  /** The state that was last shown. As long as it does not change, no request is needed. */
  let seen = '';
  let wanted = '';
  let isAsking = false;
  /** The list is filled, or a text says that it is empty. */
  let isFilled = false;
  let isVisible = false;
  /** @type {number | undefined} */
  let timer;
  const editor = keyEditor(page, { base: () => base, changed: () => look() });

  new IntersectionObserver(
    (entries) => {
      isVisible = entries.some(({ isIntersecting }) => isIntersecting);
      if (isVisible) follow();
    },
    { rootMargin: '50% 0px' },
  ).observe(find('keys'));
  find('key-search').addEventListener('submit', (event) => event.preventDefault());
  prefix.addEventListener('input', () => {
    limit = FIRST_LIMIT;
    look();
  });
  find('key-new').addEventListener('click', () => editor.create(prefix.value));
  find('keys-more').addEventListener('click', () => {
    limit = Math.min(MOST, limit * 4);
    look();
  });
  find('keys-request').addEventListener('click', () =>
    page.showRequest('The keys shown here', listKeys(base ?? location.origin, wish())),
  );
  return { update };

  /** @param {Scene} scene */
  function update({ cluster, moment, ...scene }) {
    base = scene.base;
    const revision = Math.max(0, ...cluster.members.map(({ server }) => server?.commitIndex ?? 0));
    wanted = `${base} ${revision} ${cluster.view.viewnum}`;
    const isPast = moment !== undefined;
    /** @type {HTMLButtonElement} */ (find('key-new')).disabled = base === undefined || isPast;
    if (base === undefined) {
      isFilled = false;
      seen = '';
      return empty(
        cluster.members.length === 0
          ? 'There are no servers yet, and so no keys.'
          : 'No server answers, so the keys cannot be shown.',
      );
    }
    if (!isFilled) empty('Looking …', false);
    say(find('keys-words'), isPast ? 'as they are now' : `asks ${base.replace('http://', '')}`);
    follow();
  }

  /** Requests the list again if something has changed, at most once a second, and only while it is visible. */
  function follow() {
    if (wanted === seen || timer !== undefined || isAsking || !isVisible || document.hidden || base === undefined)
      return;
    void ask();
  }

  /** The list does not show what the user asked for, so request it at once. */
  function look() {
    seen = '';
    window.clearTimeout(timer);
    timer = undefined;
    if (!isAsking) void ask();
  }

  function wish() {
    return { prefix: prefix.value, limit };
  }

  async function ask() {
    if (base === undefined) return;
    isAsking = true;
    seen = wanted;
    const asked = wish();
    try {
      const answer = await page.send(listKeys(base, asked));
      if (answer.status === 200) show(JSON.parse(answer.text), asked.prefix);
      else fail(failureOf(answer));
    } catch (error) {
      fail(/** @type {Error} */ (error).message);
    }
    isAsking = false;
    if (asked.prefix !== prefix.value || asked.limit !== limit) return void ask();
    timer = window.setTimeout(() => {
      timer = undefined;
      follow();
    }, PAUSE_MS);
  }

  /** @param {string} words */
  function fail(words) {
    say(find('keys-failure'), words);
    hide(find('keys-failure'), false);
  }

  /** @param {string} words @param {boolean} [isFinal] no other answer is expected */
  function empty(words, isFinal = true) {
    hide(find('key-list'), true);
    hide(find('keys-more'), true);
    hide(find('no-keys'), false);
    say(find('no-keys'), words);
    say(find('keys-words'), '');
    if (isFinal) isFilled = base !== undefined;
  }

  /** @param {{ entries: readonly Entry[], more: boolean }} found @param {string} searched */
  function show({ entries, more }, searched) {
    hide(find('keys-failure'), true);
    isFilled = true;
    if (entries.length === 0) {
      return empty(
        searched === '' ? 'No keys yet: make the first with “New key”.' : `No key begins with “${searched}”.`,
      );
    }
    hide(find('no-keys'), true);
    hide(find('key-list'), false);
    hide(find('keys-more'), !more || limit >= MOST);
    keep(find('key-list'), entries, { key: ({ key }) => key, make: row, change: changeRow });
    say(
      find('keys-words'),
      `${more ? `the first ${count(entries.length)}` : several(entries.length, 'key')}${base === undefined ? '' : `, from ${base.replace('http://', '')}`}`,
    );
  }

  /** @param {Entry} entry */
  function row({ key }) {
    const open = async () => {
      if (base === undefined) return;
      // The list may be a second old, and cuts off long values.
      const answer = await page.send(getKey(base, key)).catch(() => undefined);
      if (answer?.status === 200 && answer.revision !== undefined)
        editor.edit({ key, value: answer.text, revision: answer.revision });
      else if (answer?.status === 404) look();
      else fail(answer === undefined ? 'No answer.' : failureOf(answer));
    };
    return h(
      'li',
      {},
      h(
        'button',
        { type: 'button', click: () => void open() },
        h('span', { class: 'key mono' }, key),
        h('span', { class: 'value mono' }),
        h('span', { class: 'revision soft' }),
      ),
    );
  }

  /** @param {Element} element @param {Entry} entry */
  function changeRow(element, { value, revision }) {
    const [, shown, number] = /** @type {[Element, Element, Element]} */ ([
      .../** @type {Element} */ (element.firstElementChild).children,
    ]);
    const former = number.textContent;
    say(shown, value.length > SHOWN_LENGTH ? `${value.slice(0, SHOWN_LENGTH)}…` : value);
    say(number, `rev ${count(revision)}`);
    element.classList.toggle('fresh', former !== '' && former !== number.textContent);
  }
}

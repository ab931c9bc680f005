/** The verdict banner: a sign, one sentence, what it means, and the most important figures. */
import { count } from '../model/words.js';
import { copyText } from './copy.js';
import { find, h, hide } from './html.js';
import { keep, say, set } from './svg.js';

/** @import { View } from './scene.d.ts' */

/** Drawn around 16,16. The signs differ without colour. */
const SIGNS = {
  good: 'M7 17 13.5 23.5 25.5 9.5',
  warn: 'M16 5 29 27H3ZM16 13v6M16 23v.01',
  bad: 'M8 8 24 24M24 8 8 24',
  unknown: 'M8 16h.01M16 16h.01M24 16h.01',
};

/** @returns {View} */
export function verdictView() {
  const section = find('verdict');
  const sign = /** @type {Element} */ (section.querySelector('.sign path'));
  const command = find('verdict-command');
  const code = /** @type {Element} */ (command.querySelector('code'));
  command.querySelector('button')?.addEventListener('click', () => void copyText(code.textContent ?? ''));
  return {
    update({ verdict, cluster, model, now, moment }) {
      const { level, headline, more } = verdict;
      set(section, { class: level });
      set(sign, { d: SIGNS[level] });
      say(find('verdict-headline'), headline);
      say(find('verdict-more'), more);
      hide(command, verdict.command === undefined);
      say(code, verdict.command ?? '');
      const { view, acknowledged, members } = cluster;
      const rate = model.rates.operations.over((moment ?? now) - 1_250, (moment ?? now) - 250).mean;
      const primary = members.find(({ role }) => role === 'primary');
      const facts = [
        {
          name: 'View',
          value: view.viewnum === 0 ? '–' : String(view.viewnum),
          note:
            view.viewnum === 0 || acknowledged === undefined ? '' : acknowledged ? 'acknowledged' : 'not acknowledged',
        },
        { name: 'Operations/s', value: count(Number.isNaN(rate) ? undefined : Math.round(rate)), note: '' },
        { name: 'Revision', value: count(primary?.server?.commitIndex), note: primary?.isStale === true ? 'old' : '' },
      ];
      keep(find('verdict-facts'), facts, {
        key: ({ name }) => name,
        make: ({ name }) => h('div', {}, h('dt', {}, name), h('dd'), h('dd', { class: 'soft' })),
        change: (element, { value, note }) => {
          const [, first, second] = /** @type {[Element, Element, Element]} */ ([...element.children]);
          say(first, value);
          say(second, note);
        },
      });
    },
  };
}

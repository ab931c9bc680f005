/** The bar that shows that the page displays a past moment, with a button back to the present. */
import { ago, clock } from '../model/words.js';
import { find, hide } from './html.js';
import { say } from './svg.js';

/** @import { PageModel } from '../model/page-model.js' */
/** @import { Page, View } from './scene.d.ts' */

/** @param {PageModel} model @param {Page} page @returns {View} */
export function momentView(model, page) {
  /** @type {number | undefined} */
  let shown;
  /** @type {HTMLButtonElement} */
  const earlier = find('moment-earlier');
  /** @type {HTMLButtonElement} */
  const later = find('moment-later');
  find('moment-now').addEventListener('click', () => page.show(undefined));
  earlier.addEventListener('click', () => step(-1));
  later.addEventListener('click', () => step(1));
  document.addEventListener('keydown', ({ key }) => {
    if (key === 'Escape' && shown !== undefined && document.querySelector('dialog[open]') === null)
      page.show(undefined);
  });
  return {
    update({ moment, now, cluster }) {
      shown = moment;
      hide(find('moment'), moment === undefined);
      document.body.classList.toggle('past', moment !== undefined);
      if (moment === undefined) return;
      say(find('moment-time'), clock(moment));
      say(
        find('moment-words'),
        `${ago(now - moment)}, view ${cluster.view.viewnum}: everything but the keys is shown as it was then.`,
      );
      earlier.disabled = beside(-1) === undefined;
      later.disabled = beside(1) === undefined;
    },
  };

  /** @param {-1 | 1} direction */
  function step(direction) {
    const entry = beside(direction);
    if (entry !== undefined) page.show(entry.at);
  }

  /** The next view change in that direction. @param {-1 | 1} direction */
  function beside(direction) {
    const at = shown ?? 0;
    const { entries } = model.timeline;
    return direction < 0 ? entries.findLast((entry) => entry.at < at) : entries.find((entry) => entry.at > at);
  }
}

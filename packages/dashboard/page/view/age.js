/** Shows where the data comes from and how old it is, with notes on changes. */
import { several, span } from '../model/words.js';
import { find, h } from './html.js';
import { keep, say, set } from './svg.js';

/** @import { Page, Scene, View } from './scene.d.ts' */

/** Data older than this is marked as old. */
const OLD_MS = 2_500;

/** @param {Page} page @returns {View} */
export function ageView(page) {
  void page;
  return { update };
}

/** @param {Scene} scene */
function update(scene) {
  const { cluster, moment } = scene;
  const all = [...cluster.members, ...cluster.monitors];
  const heard = all.filter(({ isHeard }) => isHeard).length;
  const id = cluster.view.cluster;
  say(find('cluster-name'), id === undefined ? '' : id.slice(0, 8));
  say(find('source'), all.length === 0 || cluster.isFromHistory ? '' : `hears ${heard} of ${all.length}`);
  const { ageMs } = cluster;
  const isOld = ageMs === undefined || ageMs > OLD_MS;
  const words =
    moment !== undefined
      ? 'past'
      : ageMs === undefined
        ? 'no data yet'
        : isOld
          ? `data is ${span(ageMs)} old`
          : `live, ${(ageMs / 1_000).toFixed(1)} s old`;
  say(find('age'), words);
  set(find('age'), { class: moment !== undefined ? 'past' : isOld ? 'old' : 'live' });
  document.body.classList.toggle('stale', moment === undefined && isOld);
  keep(find('notes'), notesOf(scene), {
    key: ({ text }) => text,
    make: ({ text, link }) =>
      h('p', { class: 'note' }, text, ...(link === undefined ? [] : [' ', h('a', { href: link.href }, link.words)])),
    change: () => {},
  });
}

/** @param {Scene} scene @returns {{ text: string, link?: { href: string, words: string } }[]} */
function notesOf({ isOwnLost, own, cluster, outOfReach }) {
  const notes = [];
  if (isOwnLost) {
    const others = [...cluster.members, ...cluster.monitors].filter(({ node, isHeard }) => node !== own && isHeard);
    const other = others.find(({ role }) => role === 'primary') ?? others[0];
    const whence = `${own ?? location.host}, where this page came from, is gone`;
    notes.push(
      other === undefined
        ? { text: `${whence}, and nobody else answers.` }
        : {
            text: `${whence}: now reading from ${several(others.length, 'other')}. Nothing of what you see is lost.`,
            link: { href: `http://${other.node}/`, words: `Open the page at ${other.node}` },
          },
    );
  }
  if (outOfReach.length > 0) {
    const them = outOfReach.length === 1 ? 'it' : 'them';
    const rest = `what is shown of ${them} is what the others say.`;
    notes.push({
      text: `${outOfReach.join(', ')} joined after this page was loaded, and the browser is not told that it may ask ${them}: ${rest}`,
      ...(isOwnLost ? {} : { link: { href: '/', words: 'Load it again' } }),
    });
  }
  return notes;
}

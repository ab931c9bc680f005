/** The panel of the cluster: the drawing, and below it the running state transfers. */
import { topologyOf } from '../model/drawing.js';
import { heightFor } from '../model/topology-layout.js';
import { count, several, span } from '../model/words.js';
import { find, h, hide } from './html.js';
import { keep, say } from './svg.js';
import { drawTopology } from './topology.js';

/** @import { Scene, Page, View } from './scene.d.ts' */
/** @import { Transfer } from '../model/state.d.ts' */

/** @param {Page} page @returns {View} */
export function clusterView(page) {
  /** @type {SVGSVGElement} */
  const drawing = find('drawing');
  const section = find('cluster');
  // Reading the size at each drawing would force a layout of the page in the middle of it.
  let width = drawing.clientWidth;
  new ResizeObserver(() => {
    width = drawing.clientWidth;
    page.changed();
  }).observe(drawing);
  return {
    update({ model, cluster, now, moment }) {
      const at = moment ?? now;
      const rate = model.rates.operations.over(at - 1_000, at).mean;
      const topology = topologyOf(cluster, moment === undefined && rate > 0);
      const height = `${heightFor(topology.nodes, width)}px`;
      if (drawing.style.minHeight !== height) drawing.style.minHeight = height;
      drawTopology(drawing, topology);
      section.classList.toggle('stale', isStale(cluster));
      const { members, monitors } = cluster;
      say(
        find('cluster-words'),
        monitors.length === 0
          ? several(members.length, 'server')
          : `${several(monitors.length, 'monitor')}, ${several(members.length, 'server')}`,
      );
      showTransfers(cluster.transfers);
    },
  };
}

/** @param {Scene['cluster']} cluster */
function isStale({ members, monitors, isFromHistory }) {
  return !isFromHistory && [...members, ...monitors].every(({ isHeard }) => !isHeard);
}

/** @param {readonly Transfer[]} transfers */
function showTransfers(transfers) {
  hide(find('transfers'), transfers.length === 0);
  keep(find('transfers'), transfers, {
    key: ({ to }) => to,
    make: ({ to }) =>
      h(
        'div',
        { class: 'transfer' },
        h('h3', {}, 'State transfer to ', h('span', { class: 'mono' }, to)),
        h('p', { class: 'soft' }),
        h('progress', { max: '1', 'aria-label': `State transfer to ${to}` }),
      ),
    change: (element, transfer) => {
      const [, words, bar] = /** @type {[Element, Element, HTMLProgressElement]} */ ([...element.children]);
      say(words, inWords(transfer));
      bar.value = transfer.total === 0 ? 0 : transfer.sent / transfer.total;
    },
  });
}

/** @param {Transfer} transfer */
function inWords({ sent, total, recordsPerSecond, remainingMs }) {
  const share = total === 0 ? '' : `${Math.floor((100 * sent) / total)} %, `;
  const pace = recordsPerSecond === undefined ? '' : `, ${count(Math.round(recordsPerSecond))} a second`;
  const rest = remainingMs === undefined ? '' : `, about ${span(Math.ceil(remainingMs / 1_000) * 1_000)} left`;
  return `${share}${count(sent)} of ${count(total)} records${pace}${rest}`;
}

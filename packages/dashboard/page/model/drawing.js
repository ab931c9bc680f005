/** Converts the cluster into a topology for drawing. */
import { count, list, seatsInWords, several } from './words.js';

/** @import { Cluster, Member } from './state.d.ts' */
/** @import { Topology, TopologyLink, TopologyNode } from './topology.d.ts' */

/**
 * @param {Cluster} cluster
 * @param {boolean} isBusy operations are under way
 * @returns {Topology}
 */
export function topologyOf(cluster, isBusy) {
  const { members, monitors, view } = cluster;
  return {
    nodes: [...monitors, ...members].map((member) => nodeOf(member, cluster)),
    links: [...pings(cluster), ...replication(cluster, isBusy)],
    words: wordsOf(
      members,
      monitors,
      view.viewnum === 0 ? 'no view yet' : `view ${view.viewnum}: ${seatsInWords(view)}`,
    ),
  };
}

/** @param {Member} member @param {Cluster} cluster @returns {TopologyNode} */
function nodeOf(member, { transfers }) {
  const transfer = transfers.find(({ to }) => to === member.node);
  const filled = transfer === undefined || transfer.total === 0 ? undefined : transfer.sent / transfer.total;
  return {
    id: member.node,
    label: member.node,
    role: member.role,
    condition: member.condition,
    detail: detailOf(member, filled),
    ring: member.ring,
    filled,
  };
}

/** @param {Member} member @param {number | undefined} filled */
function detailOf({ role, condition, remark, server, isHeard }, filled) {
  if (remark !== '') return remark;
  if (condition === 'syncing' && filled !== undefined) return `${Math.floor(filled * 100)} % of the data`;
  if (role === 'monitor' || role === 'idle' || server === undefined || !isHeard) return '';
  return several(server.keys, 'key');
}

/** @param {Cluster} cluster @returns {TopologyLink[]} */
function pings({ members, monitors }) {
  return monitors
    .filter(({ isHeard }) => isHeard)
    .flatMap((monitor) =>
      members
        .filter(({ condition }) => condition !== 'dead' && condition !== 'unknown')
        .map(({ node, condition }) => ({
          from: node,
          to: monitor.node,
          kind: /** @type {const} */ ('ping'),
          isLate: condition === 'suspect' || condition === 'paused',
        })),
    );
}

/** @param {Cluster} cluster @param {boolean} isBusy @returns {TopologyLink[]} */
function replication({ members, view }, isBusy) {
  const primary = members.find(({ node }) => node === view.primary);
  if (primary === undefined || primary.condition === 'dead') return [];
  return members
    .filter(({ node, condition }) => view.backups.includes(node) && condition !== 'dead')
    .map(({ node, lag, condition }) => ({
      from: view.primary,
      to: node,
      kind: /** @type {const} */ ('replication'),
      label:
        condition === 'syncing' ? 'copying' : lag === undefined ? '' : lag === 0 ? 'in step' : `${count(lag)} behind`,
      isBusy: isBusy || condition === 'syncing',
      isLate: condition === 'suspect' || condition === 'paused',
    }));
}

/** @param {readonly Member[]} members @param {readonly Member[]} monitors @param {string} seats */
function wordsOf(members, monitors, seats) {
  const dead = [...members, ...monitors].filter(({ condition }) => condition === 'dead').map(({ node }) => node);
  const rest = dead.length === 0 ? '' : `; dead: ${list(dead)}`;
  return `${several(members.length, 'server')} and ${several(monitors.length, 'monitor')}, ${seats}${rest}`;
}

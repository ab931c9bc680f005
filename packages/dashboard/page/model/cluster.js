/** The cluster at one moment, combined from what each node reported. */
import { pingAge, ringLeft } from './ping-ring.js';
import { transfersOf } from './transfers.js';

/** @import { Cluster, Member, NodeState, PageTime, ViewEntry } from './state.d.ts' */
/** @import { MonitorStatus, ServerStatus, Sighting, View } from './status.d.ts' */
/** @import { Condition } from './topology.d.ts' */
/** @typedef {NodeState & { readonly monitor: MonitorStatus, readonly sampledAt: number }} HeardMonitor */

/** A node sends something at least once a second. After this time it hangs, or its link is cut. */
export const STALE_MS = 2_500;
/** @type {View} */
const NO_VIEW = { viewnum: 0, primary: '', backups: [], syncing: [] };

/**
 * @param {object} known
 * @param {readonly NodeState[]} known.nodes
 * @param {PageTime} known.at
 * @param {ViewEntry | undefined} known.entry the view at that moment, from the timeline
 * @param {(from: string, to: string) => number | undefined} known.paceOf
 * @returns {Cluster}
 */
export function clusterAt({ nodes, at, entry, paceOf }) {
  const monitor = bestMonitor(nodes, at);
  const told = nodes.map(({ server }) => server?.view ?? NO_VIEW);
  const view = [monitor?.monitor.view ?? NO_VIEW, entry?.view ?? NO_VIEW, ...told].reduce((one, other) =>
    other.viewnum > one.viewnum ? other : one,
  );
  const { pingIntervalMs, deadPings } = monitor ?? nodes[0] ?? { pingIntervalMs: 100, deadPings: 5 };
  const patience = { pingIntervalMs, deadPings };
  const primary = nodes.find(({ node }) => node === view.primary);
  const isCurrent = monitor?.monitor.view.viewnum === view.viewnum;
  const ages = nodes.flatMap(({ heardAt, kind }) =>
    heardAt === undefined || kind === 'control' ? [] : [Math.max(0, at - heardAt)],
  );
  return {
    at,
    view,
    acknowledged: isCurrent ? monitor.monitor.acknowledged : acknowledgedIn(entry, at),
    phase: monitor?.monitor.phase,
    waiting: monitor?.monitor.waiting,
    backupsWanted: monitor?.monitor.backupsWanted,
    members: serverNames(nodes, monitor, view).map((name) =>
      memberOf({ name, nodes, monitor, view, primary, at, patience }),
    ),
    monitors: nodes.filter(({ kind }) => kind === 'monitor').map((node) => monitorMember(node, at)),
    transfers: primary === undefined || !isLive(primary, at) ? [] : transfersOf(primary, paceOf),
    ageMs: ages.length === 0 ? undefined : Math.min(...ages),
    isFromHistory: false,
    ...patience,
  };
}

/** @param {ViewEntry | undefined} entry @param {number} at */
function acknowledgedIn(entry, at) {
  if (entry === undefined) return undefined;
  if (entry.acknowledgedAt !== undefined) return entry.acknowledgedAt <= at;
  // If the monitor's report of the view is missing, its report of the acknowledgement may be missing too.
  return entry.causes.length === 0 ? undefined : false;
}

/**
 * The cluster at a moment before the page listened: only the seats are known.
 * @param {ViewEntry} entry @param {number} at @returns {Cluster}
 */
export function clusterFromHistory({ view, acknowledgedAt }, at) {
  const member = (/** @type {string} */ node, /** @type {Member['role']} */ role) => ({
    ...NOTHING_KNOWN,
    node,
    role,
    condition: /** @type {const} */ ('unknown'),
  });
  return {
    at,
    view,
    acknowledged: acknowledgedAt !== undefined && acknowledgedAt <= at,
    phase: undefined,
    waiting: undefined,
    backupsWanted: undefined,
    members: [member(view.primary, 'primary'), ...view.backups.map((node) => member(node, 'backup'))].sort(byName),
    monitors: [],
    transfers: [],
    ageMs: undefined,
    isFromHistory: true,
    pingIntervalMs: 100,
    deadPings: 5,
  };
}

const NOTHING_KNOWN = {
  remark: '',
  server: undefined,
  lag: undefined,
  lastPingMs: undefined,
  ring: undefined,
  ageMs: undefined,
  isStale: false,
  isHeard: false,
};

/**
 * @param {NodeState} node
 * @param {number} at
 */
export function isLive(node, at) {
  return node.link === 'open' && node.heardAt !== undefined && at - node.heardAt < STALE_MS;
}

/**
 * The monitor that is heard; of several, the one with the newest view.
 * @param {readonly NodeState[]} nodes
 * @param {number} at
 * @returns {HeardMonitor | undefined}
 */
function bestMonitor(nodes, at) {
  const heard = /** @type {HeardMonitor[]} */ (
    nodes.filter((node) => node.monitor !== undefined && node.sampledAt !== undefined && isLive(node, at))
  );
  return heard.sort((one, other) => other.monitor.view.viewnum - one.monitor.view.viewnum)[0];
}

/**
 * @param {readonly NodeState[]} nodes
 * @param {HeardMonitor | undefined} monitor
 * @param {View} view
 */
function serverNames(nodes, monitor, view) {
  const names = new Set(nodes.filter(({ kind }) => kind === 'server').map(({ node }) => node));
  for (const { server } of monitor?.monitor.servers ?? []) names.add(server);
  for (const server of [view.primary, ...view.backups]) if (server !== '') names.add(server);
  return [...names].sort((one, other) => byName({ node: one }, { node: other }));
}

/**
 * @param {object} known
 * @param {string} known.name
 * @param {readonly NodeState[]} known.nodes
 * @param {HeardMonitor | undefined} known.monitor
 * @param {View} known.view
 * @param {NodeState | undefined} known.primary
 * @param {number} known.at
 * @param {{ pingIntervalMs: number, deadPings: number }} known.patience
 * @returns {Member}
 */
function memberOf({ name, nodes, monitor, view, primary, at, patience }) {
  const node = nodes.find((it) => it.node === name);
  const sighting = monitor?.monitor.servers.find(({ server }) => server === name);
  const lastPingMs =
    monitor === undefined || sighting === undefined
      ? undefined
      : pingAge({ sighting, sampledAt: monitor.sampledAt, at, node, pingIntervalMs: patience.pingIntervalMs });
  const isHeard = node !== undefined && isLive(node, at);
  const condition = conditionOf({
    node,
    isHeard,
    sighting,
    lastPingMs,
    view,
    name,
    patience,
    chaos: chaosOf(nodes, name),
  });
  const ring = ringOf(condition, lastPingMs, patience);
  return {
    node: name,
    role: name === view.primary ? 'primary' : view.backups.includes(name) ? 'backup' : 'idle',
    condition,
    remark: remarkOf(sighting, node?.server, name === view.primary),
    server: node?.server,
    lag: primary?.server?.backups.find(({ server }) => server === name)?.lag,
    lastPingMs,
    ring,
    ageMs: node?.sampledAt === undefined ? undefined : Math.max(0, at - node.sampledAt),
    isStale: node?.server !== undefined && !isHeard,
    isHeard,
  };
}

/**
 * @param {object} known
 * @param {NodeState | undefined} known.node
 * @param {boolean} known.isHeard
 * @param {Sighting | undefined} known.sighting
 * @param {number | undefined} known.lastPingMs
 * @param {View} known.view
 * @param {string} known.name
 * @param {{ pingIntervalMs: number, deadPings: number }} known.patience
 * @param {string | undefined} known.chaos
 * @returns {Condition}
 */
function conditionOf({ node, isHeard, sighting, lastPingMs, view, name, patience, chaos }) {
  if (chaos === 'paused') return 'paused';
  if (sighting === undefined) {
    if (node === undefined) return 'unknown';
    return isHeard ? seated(view, name) : node.link === 'connecting' ? 'unknown' : 'dead';
  }
  if (sighting.condition === 'silent' || lastPingMs === undefined)
    return isHeard && lastPingMs === undefined ? 'suspect' : 'dead';
  if (sighting.condition === 'leaving') return isHeard ? 'suspect' : 'dead';
  if (ringLeft(lastPingMs, patience) === 0) return 'dead';
  if (lastPingMs > 2 * patience.pingIntervalMs) return 'suspect';
  if (node?.link === 'lost' && lastPingMs > 1.5 * patience.pingIntervalMs) return 'suspect';
  return seated(view, name);
}

/**
 * @param {View} view
 * @param {string} name
 * @returns {Condition}
 */
function seated(view, name) {
  return view.syncing.includes(name) ? 'syncing' : 'live';
}

/**
 * @param {Condition} condition
 * @param {number | undefined} lastPingMs
 * @param {{ pingIntervalMs: number, deadPings: number }} patience
 */
function ringOf(condition, lastPingMs, patience) {
  if (lastPingMs === undefined) return undefined;
  return condition === 'dead' ? 0 : ringLeft(lastPingMs, patience);
}

/**
 * @param {Sighting | undefined} sighting
 * @param {ServerStatus | undefined} server
 * @param {boolean} isPrimary
 */
function remarkOf(sighting, server, isPrimary) {
  if (sighting?.condition === 'lost-data') return 'came back without its data';
  if (sighting?.condition === 'leaving') return 'leaves on purpose';
  if (isPrimary && server?.role === 'primary' && !server.ready) return 'not ready yet';
  return '';
}

/**
 * @param {NodeState} node
 * @param {number} at
 * @returns {Member}
 */
function monitorMember(node, at) {
  const isHeard = isLive(node, at);
  const ageMs = node.sampledAt === undefined ? undefined : Math.max(0, at - node.sampledAt);
  const condition = isHeard ? 'live' : node.link === 'connecting' ? 'unknown' : 'dead';
  return { ...NOTHING_KNOWN, node: node.node, role: 'monitor', condition, ageMs, isStale: !isHeard, isHeard };
}

/**
 * The state of a process as the control of a local cluster reports it.
 * @param {readonly NodeState[]} nodes
 * @param {string} name
 */
function chaosOf(nodes, name) {
  for (const { chaos, link } of nodes) {
    if (link === 'open') for (const { node, state } of chaos?.nodes ?? []) if (node === name) return state;
  }
  return undefined;
}

/**
 * @param {{ readonly node: string }} one
 * @param {{ readonly node: string }} other
 */
function byName(one, other) {
  return one.node.localeCompare(other.node, 'en', { numeric: true });
}

/** What is known of one node, and how its samples and notices change that. */

/** @import { Sample } from '../../src/feed.ts' */
/** @import { NodeState, PageTime } from './state.d.ts' */
/** @import { MonitorStatus, ServerStatus, Sighting, View, Waiting } from './status.d.ts' */
/** @typedef {{ kind: string, view?: View, role?: ServerStatus['role'], waiting?: Waiting, server?: string, condition?: Sighting['condition'] }} AnyNotice */

/**
 * @param {string} node
 * @param {PageTime} at
 * @returns {NodeState}
 */
export function newNode(node, at) {
  return {
    node,
    kind: undefined,
    link: 'connecting',
    linkSince: at,
    heardAt: undefined,
    since: undefined,
    pingIntervalMs: 100,
    deadPings: 5,
    sampledAt: undefined,
    monitor: undefined,
    server: undefined,
    chaos: undefined,
  };
}

/**
 * @param {NodeState} node
 * @param {Sample} sample
 * @param {PageTime} sampledAt
 * @param {PageTime} at
 * @returns {NodeState}
 */
export function applySample(node, sample, sampledAt, at) {
  const heard = { ...node, heardAt: at, sampledAt };
  switch (sample.kind) {
    case 'monitor':
      return { ...heard, monitor: ofMonitor(/** @type {MonitorStatus} */ (sample.status), node.monitor?.view) };
    case 'server':
      return { ...heard, server: ofServer(/** @type {ServerStatus} */ (sample.status), node.server?.view) };
    case 'control':
      return { ...heard, chaos: sample };
    default:
      return heard;
  }
}

/**
 * Keeps only what the page shows, because it is remembered for half an hour.
 * @param {MonitorStatus} status
 * @param {View | undefined} former
 * @returns {MonitorStatus}
 */
function ofMonitor({ phase, view, acknowledged, waiting, backupsWanted, servers }, former) {
  const sightings = servers.map(({ server, condition, lastPingMs }) => ({ server, condition, lastPingMs }));
  return { phase, view: sameOr(view, former), acknowledged, waiting, backupsWanted, servers: sightings };
}

/**
 * @param {ServerStatus} status
 * @param {View | undefined} former
 * @returns {ServerStatus}
 */
function ofServer({ role, view, ready, position, commitIndex, keys, sessions, memory, backups }, former) {
  const same = { role, view: sameOr(view, former), ready, position, commitIndex, keys, sessions, backups };
  return memory === undefined ? same : { ...same, memory };
}

/** @param {View} view @param {View | undefined} former */
function sameOr({ viewnum, primary, backups, syncing, cluster }, former) {
  if (former?.viewnum === viewnum && former.cluster === cluster && former.syncing.length === syncing.length)
    return former;
  return { viewnum, primary, backups, syncing, ...(cluster !== undefined && { cluster }) };
}

/**
 * A notice arrives at once, and the sample with the same news up to a quarter of a second later. So the notice takes
 * effect now.
 * @param {NodeState} node
 * @param {{ readonly kind: string }} notice
 * @param {PageTime} at
 * @returns {NodeState}
 */
export function applyNotice(node, notice, at) {
  const heard = { ...node, heardAt: at };
  const { monitor, server } = node;
  if (monitor !== undefined) return { ...heard, monitor: noticed(monitor, notice) };
  const { kind, view, role } = /** @type {AnyNotice} */ (notice);
  if (server !== undefined && kind === 'view' && view !== undefined && role !== undefined) {
    return { ...heard, server: { ...server, view, role, ready: server.ready && role === server.role } };
  }
  if (server !== undefined && kind === 'serving') return { ...heard, server: { ...server, ready: true } };
  return heard;
}

/**
 * @param {MonitorStatus} monitor
 * @param {AnyNotice} notice
 * @returns {MonitorStatus}
 */
function noticed(monitor, { kind, view, waiting, server, condition }) {
  switch (kind) {
    case 'view':
      return view === undefined
        ? monitor
        : { ...monitor, view, acknowledged: false, waiting: NOTHING, phase: 'serving' };
    case 'acknowledged':
      return view === undefined ? monitor : { ...monitor, view, acknowledged: true };
    case 'waiting':
      return waiting === undefined ? monitor : { ...monitor, waiting };
    case 'server':
      return {
        ...monitor,
        servers: monitor.servers.map((it) =>
          it.server === server && condition !== undefined ? { ...it, condition } : it,
        ),
      };
    default:
      return monitor;
  }
}

/** @type {Waiting} */
const NOTHING = { kind: 'nothing', servers: [] };

/** What is known of one node, and how what it tells changes that. */

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
    calls: undefined,
    leaseRemainingMs: null,
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
      return { ...heard, monitor: /** @type {MonitorStatus} */ (sample.status), calls: sample.calls };
    case 'server':
      return {
        ...heard,
        server: /** @type {ServerStatus} */ (sample.status),
        calls: sample.calls,
        leaseRemainingMs: sample.leaseRemainingMs,
      };
    case 'control':
      return { ...heard, chaos: sample };
    default:
      return heard;
  }
}

/**
 * A notice comes at once, the sample that says the same up to a quarter of a second later: what the notice says holds from now on.
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

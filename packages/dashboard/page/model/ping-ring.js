/** How long ago the monitor heard a server, and how much is left until the server counts as dead. */

/** @import { NodeState } from './state.d.ts' */
/** @import { Sighting } from './status.d.ts' */

/**
 * Samples come a few times a second, pings ten times. Pings are assumed to continue until something shows otherwise.
 */

/**
 * @param {{ sighting: Sighting, sampledAt: number, at: number, node: NodeState | undefined, pingIntervalMs: number }} known
 * @returns {number | undefined} milliseconds; undefined: not heard since the monitor began
 */
export function pingAge({ sighting, sampledAt, at, node, pingIntervalMs }) {
  const { lastPingMs } = sighting;
  if (lastPingMs === null) return undefined;
  const sinceSampleMs = Math.max(0, at - sampledAt);
  const pingedAt = sampledAt - lastPingMs;
  const isOverdue = lastPingMs > 2 * pingIntervalMs || sighting.condition !== 'alive';
  if (isOverdue) return lastPingMs + sinceSampleMs;
  // Its own stream broke, and no ping has come since: it may be dead.
  if (node?.link === 'lost' && node.linkSince <= at && pingedAt <= node.linkSince + pingIntervalMs / 2) {
    return Math.max(0, at - Math.max(pingedAt, node.linkSince));
  }
  return Math.min(lastPingMs + sinceSampleMs, lastPingMs % pingIntervalMs);
}

/**
 * 1 while pings come in time, then less, and 0 when the server counts as dead.
 * @param {number} ageMs
 * @param {{ pingIntervalMs: number, deadPings: number }} patience
 */
export function ringLeft(ageMs, { pingIntervalMs, deadPings }) {
  const overdueMs = Math.max(0, ageMs - pingIntervalMs);
  return Math.max(0, 1 - overdueMs / Math.max(1, (deadPings - 1) * pingIntervalMs));
}

/**
 * The lanes of the space-time diagram, one per process: when the process ran, was paused or down, its role, and the
 * processes that it was cut off from.
 */
import { apply, copyOf, stateBefore } from './state.js';

/** @import { CutStretch, Lane, ProcessState, RunState, Start, Stretch, TraceEvent } from './trace.d.ts' */

/**
 * @typedef {{
 *   name: string,
 *   kind: ProcessState['kind'],
 *   stretches: Stretch[],
 *   cuts: CutStretch[],
 *   ends: number[],
 *   starts: number[],
 *   operations: { from: number, to: number, event: number }[],
 * }} Draft
 */

/**
 * The monitor, the servers, the clients. A client that came later is placed next to the client that it replaced.
 * @param {readonly TraceEvent[]} events
 * @returns {Lane[]}
 */
export function lanesOf(events) {
  const state = copyOf(stateBefore(/** @type {Start} */ (events[0])));
  /** @type {Map<string, Draft>} */
  const lanes = new Map();
  for (const process of Object.values(state.processes)) lanes.set(process.name, draftOf(process));
  for (const [place, event] of events.entries()) {
    apply(state, event);
    for (const name of touchedBy(event)) {
      const process = state.processes[name];
      if (process === undefined) continue;
      const lane = lanes.get(name) ?? draftOf(process);
      lanes.set(name, lane);
      note(lane, state, process, event, place);
    }
  }
  for (const lane of lanes.values()) finish(lane, events.at(-1)?.at ?? 0);
  return [...lanes.values()].sort((one, other) => rankOf(one) - rankOf(other) || byName(one, other));
}

/** @param {TraceEvent} event */
function touchedBy(event) {
  switch (event.kind) {
    case 'process':
      return [event.name];
    case 'role':
      return [event.server];
    case 'operation':
      return [event.client];
    case 'link':
      return [event.from, event.to];
    default:
      return [];
  }
}

/**
 * @param {ProcessState} process
 * @returns {Draft}
 */
function draftOf(process) {
  const { name, kind } = process;
  const first = { from: 0, to: 0, state: stateOf(process), role: roleOf(process) };
  return { name, kind, stretches: [first], cuts: [], ends: [], starts: [], operations: [] };
}

/**
 * @param {Draft} lane
 * @param {RunState} state
 * @param {ProcessState} process
 * @param {TraceEvent} event
 * @param {number} place
 */
function note(lane, state, process, event, place) {
  const { at } = event;
  if (event.kind === 'operation') lane.operations.push({ from: event.began, to: at, event: place });
  if (event.kind === 'link') noteCuts(lane, state, at);
  if (event.kind === 'process' && event.state === 'ended') lane.ends.push(at);
  if (event.kind === 'process' && event.state === 'started' && at > 0) lane.starts.push(at);
  const last = /** @type {Stretch} */ (lane.stretches.at(-1));
  const [now, role] = [stateOf(process), roleOf(process)];
  if (last.state === now && last.role === role) return;
  last.to = at;
  lane.stretches.push({ from: at, to: at, state: now, role });
}

/**
 * @param {Draft} lane
 * @param {RunState} state
 * @param {number} at
 */
function noteCuts(lane, state, at) {
  const others = new Set();
  for (const link of Object.keys(state.links)) {
    const [from = '', to = ''] = link.split('>');
    if (from === lane.name) others.add(to);
    if (to === lane.name) others.add(from);
  }
  const last = lane.cuts.at(-1);
  if (last !== undefined && last.to === Number.POSITIVE_INFINITY) last.to = at;
  if (others.size > 0) lane.cuts.push({ from: at, to: Number.POSITIVE_INFINITY, others: [...others].sort() });
}

/**
 * @param {Draft} lane
 * @param {number} endAt
 */
function finish(lane, endAt) {
  const last = lane.stretches.at(-1);
  if (last !== undefined) last.to = endAt;
  const cut = lane.cuts.at(-1);
  if (cut !== undefined && cut.to === Number.POSITIVE_INFINITY) cut.to = endAt;
  // Several cuts at one moment count as one.
  lane.cuts = lane.cuts.filter(({ from, to }) => to > from);
  lane.operations.sort((one, other) => one.from - other.from);
}

/**
 * @param {ProcessState} process
 * @returns {Stretch['state']}
 */
function stateOf({ isUp, isPaused }) {
  if (!isUp) return 'down';
  return isPaused ? 'paused' : 'up';
}

/**
 * @param {ProcessState} process
 * @returns {Stretch['role']}
 */
function roleOf({ kind, role }) {
  return kind === 'server' ? role : kind;
}

/** @param {Draft} lane */
function rankOf({ kind }) {
  return ['monitor', 'server', 'client'].indexOf(kind);
}

/**
 * @param {Draft} one
 * @param {Draft} other
 */
function byName(one, other) {
  return one.name.localeCompare(other.name, 'en', { numeric: true });
}

/** The state of a run at one moment, and how each event of its trace changes that state. */

/** @import { ProcessState, RunState, Start, TraceEvent } from './trace.d.ts' */

/**
 * The state before the first event.
 * @param {Start} start
 * @returns {RunState}
 */
export function stateBefore({ monitor, servers, clients }) {
  /** @type {Record<string, ProcessState>} */
  const processes = {};
  processes[monitor] = newProcess(monitor, 'monitor');
  for (const name of servers) processes[name] = newProcess(name, 'server');
  // A user's own code runs in clients whose start the trace does not report.
  for (const name of clients) processes[name] = { ...newProcess(name, 'client'), isUp: true };
  return {
    at: 0,
    processes,
    view: null,
    isAcknowledged: false,
    views: {},
    links: {},
    faults: {},
    transfers: {},
    isHealed: false,
    violations: [],
    isOver: false,
  };
}

/**
 * Applies the event to the state, in place.
 * @param {RunState} state
 * @param {TraceEvent} event
 */
export function apply(state, event) {
  state.at = event.at;
  switch (event.kind) {
    case 'process':
      return changeProcess(state, event.name, event.state);
    case 'role':
      return changeRole(state, event);
    case 'commit': {
      const process = processOf(state, event.server);
      process.commit = event.index;
      process.last = Math.max(event.last, event.index);
      return;
    }
    case 'view':
      state.view = event.view;
      state.views[event.view.viewnum] = event.view;
      state.isAcknowledged = false;
      return;
    case 'acknowledged':
      state.isAcknowledged = state.view?.viewnum === event.viewnum;
      return;
    case 'link':
      if (event.state === 'open') delete state.links[`${event.from}>${event.to}`];
      else state.links[`${event.from}>${event.to}`] = event.state;
      return;
    case 'notice':
      return hear(state, event.name, event.notice);
    case 'operation':
      processOf(state, event.client).operations += 1;
      return;
    case 'fault':
      state.faults[event.strike] = event;
      return;
    case 'fault-over':
      delete state.faults[event.strike];
      return;
    case 'healed':
      state.isHealed = true;
      state.faults = {};
      return;
    case 'violation':
      state.violations.push(event);
      return;
    case 'end':
      state.isOver = true;
  }
}

/**
 * A copy that shares nothing that `apply` changes.
 * @param {RunState} state
 * @returns {RunState}
 */
export function copyOf(state) {
  /** @type {Record<string, ProcessState>} */
  const processes = {};
  for (const [name, process] of Object.entries(state.processes)) processes[name] = { ...process };
  return {
    ...state,
    processes,
    views: { ...state.views },
    links: { ...state.links },
    faults: { ...state.faults },
    transfers: { ...state.transfers },
    violations: [...state.violations],
  };
}

/**
 * @param {string} name
 * @param {ProcessState['kind']} kind
 * @returns {ProcessState}
 */
function newProcess(name, kind) {
  return {
    name,
    kind,
    isUp: false,
    isPaused: false,
    isLeaving: false,
    lives: 0,
    role: 'idle',
    viewnum: 0,
    isServing: false,
    commit: 0,
    last: 0,
    operations: 0,
  };
}

/**
 * A process that was not there at the start is a client that replaced another.
 * @param {RunState} state
 * @param {string} name
 */
function processOf(state, name) {
  let process = state.processes[name];
  if (process === undefined) {
    process = newProcess(name, 'client');
    state.processes[name] = process;
  }
  return process;
}

/**
 * @param {RunState} state
 * @param {string} name
 * @param {'started' | 'leaving' | 'ended' | 'paused' | 'resumed'} change
 */
function changeProcess(state, name, change) {
  const process = processOf(state, name);
  if (change === 'paused' || change === 'resumed') process.isPaused = change === 'paused';
  else if (change === 'leaving') process.isLeaving = true;
  else {
    // A process loses its state when it ends.
    const { kind, lives, operations } = process;
    const isUp = change === 'started';
    state.processes[name] = { ...newProcess(name, kind), isUp, lives: lives + (isUp ? 1 : 0), operations };
  }
}

/**
 * @param {RunState} state
 * @param {Extract<TraceEvent, { kind: 'role' }>} event
 */
function changeRole(state, { server, role, viewnum }) {
  const process = processOf(state, server);
  process.role = role;
  process.viewnum = viewnum;
  process.isServing = false;
}

/**
 * @param {RunState} state
 * @param {string} name
 * @param {Extract<TraceEvent, { kind: 'notice' }>['notice']} notice
 */
function hear(state, name, notice) {
  const backup = String(notice.backup);
  switch (notice.kind) {
    case 'serving':
      processOf(state, name).isServing = true;
      return;
    case 'sync-started':
    case 'sync-restarted':
      state.transfers[backup] = 0;
      return;
    case 'sync-progress':
      state.transfers[backup] = Number(notice.sent) / Math.max(1, Number(notice.total));
      return;
    case 'synced':
    case 'backup-lost':
      delete state.transfers[backup];
  }
}

/** The drawing of the cluster for one moment of a run. */

/** @import { Flight, Topology, TopologyLink, TopologyNode } from '../../model/topology.d.ts' */
/** @import { Message, ProcessState, RunState } from './trace.d.ts' */

/** With more messages at once, a viewer could follow none of them. Only the newest are shown. */
const MOST_FLIGHTS = 60;
/** Where the drawing of a lost message breaks off. */
const HALF = 0.55;

/**
 * @param {Readonly<RunState>} state
 * @param {readonly Message[]} messages under way, or just arrived
 * @param {{ at: number, stretchMs: number, current: Message | undefined }} moment
 *   `stretchMs`: the least virtual time for which each message is visible, because many take less than a frame;
 *   `current`: the message that the current event refers to
 * @returns {Topology}
 */
export function sceneOf(state, messages, moment) {
  const processes = Object.values(state.processes).filter(isShown);
  const nodes = processes.map((process) => nodeOf(process, state));
  const flights = messages
    .filter((message) => message !== moment.current)
    .slice(-MOST_FLIGHTS)
    .flatMap((message) => flightOf(message, moment));
  const { current } = moment;
  if (current !== undefined) flights.push(currentFlight(current, moment.at));
  return { nodes, links: linksOf(state), flights, words: sceneInWords(state) };
}

/** A client that died does not return: another takes its place. @param {ProcessState} process */
function isShown({ kind, isUp }) {
  return kind !== 'client' || isUp;
}

/**
 * @param {ProcessState} process
 * @param {Readonly<RunState>} state
 * @returns {TopologyNode}
 */
function nodeOf(process, state) {
  const { name, kind } = process;
  const isSyncing = Object.keys(state.transfers).some((address) => nameOf(address) === name);
  const share = Object.entries(state.transfers).find(([address]) => nameOf(address) === name)?.[1];
  return {
    id: name,
    label: name,
    role: kind === 'server' ? process.role : kind,
    condition: conditionOf(process, isSyncing),
    detail: detailOf(process, state),
    ...(share === undefined ? {} : { filled: share }),
  };
}

/**
 * @param {ProcessState} process
 * @param {boolean} isSyncing
 * @returns {TopologyNode['condition']}
 */
function conditionOf({ isUp, isPaused, lives }, isSyncing) {
  if (!isUp) return lives === 0 ? 'unknown' : 'dead';
  if (isPaused) return 'paused';
  return isSyncing ? 'syncing' : 'live';
}

/**
 * @param {ProcessState} process
 * @param {Readonly<RunState>} state
 */
function detailOf({ kind, isUp, isLeaving, lives, viewnum, commit, last, operations }, state) {
  if (!isUp) return lives === 0 ? 'not started yet' : '';
  if (kind === 'monitor')
    return state.view === null ? 'no view yet' : `view ${state.view.viewnum}${state.isAcknowledged ? '' : ' …'}`;
  if (kind === 'client') return `${operations} done`;
  const log = last > commit ? `${commit}/${last}` : `${commit}`;
  return `view ${viewnum} · log ${log}${isLeaving ? ' · leaving' : ''}`;
}

/**
 * Links from each server that believes to be primary to the backups that it knows, and all cut links.
 * @param {Readonly<RunState>} state
 * @returns {TopologyLink[]}
 */
function linksOf(state) {
  /** @type {TopologyLink[]} */
  const links = [];
  for (const { name, kind, isUp, role, viewnum, commit } of Object.values(state.processes)) {
    const backups = state.views[viewnum]?.backups ?? [];
    if (kind !== 'server' || !isUp || role !== 'primary') continue;
    for (const backup of backups.map(nameOf)) {
      const behind = commit - (state.processes[backup]?.commit ?? 0);
      const late = behind > 0 ? { label: `lag ${behind}`, isLate: behind > 20 } : {};
      if (!isCut(state, name, backup)) links.push({ from: name, to: backup, kind: 'replication', ...late });
    }
  }
  for (const [link, how] of Object.entries(state.links)) {
    const [from = '', to = ''] = link.split('>');
    const other = state.links[`${to}>${from}`];
    if (other !== undefined && from > to) continue;
    const label = other === undefined ? `${from} → ${to} ${how}` : how === 'clogged' ? how : '';
    links.push({ from, to, kind: 'cut', label });
  }
  return links;
}

/**
 * @param {Readonly<RunState>} state
 * @param {string} one
 * @param {string} other
 */
function isCut(state, one, other) {
  return state.links[`${one}>${other}`] !== undefined || state.links[`${other}>${one}`] !== undefined;
}

/**
 * @param {Message} message
 * @param {{ at: number, stretchMs: number }} moment
 * @returns {Flight[]}
 */
function flightOf(message, { at, stretchMs }) {
  if (message.isLost) return lossOf(message, at, stretchMs);
  const endAt = Math.max(message.endAt, message.sentAt + stretchMs);
  if (at < message.sentAt || at >= endAt) return [];
  // A message that arrives after the end of the run is shown leaving its sender.
  const progress = endAt === Number.POSITIVE_INFINITY ? 0.3 : (at - message.sentAt) / (endAt - message.sentAt);
  return [{ ...commonOf(message), progress }];
}

/**
 * The message moves half-way until it is lost, and is then shown as lost for as long as the rest would have taken.
 * @param {Message} message
 * @param {number} at
 * @param {number} stretchMs
 * @returns {Flight[]}
 */
function lossOf(message, at, stretchMs) {
  const lostAt = Math.max(message.endAt, message.sentAt + HALF * stretchMs);
  const goneAt = lostAt + (1 - HALF) * stretchMs;
  if (at < message.sentAt || at >= Math.max(goneAt, message.endAt)) return [];
  const share = (at - message.sentAt) / Math.max(lostAt - message.sentAt, 0.001);
  const progress = at < lostAt ? (HALF - 0.01) * share : HALF + (at - lostAt) / Math.max(stretchMs, 0.001);
  return [{ ...commonOf(message), progress: Math.min(1, progress) }];
}

/**
 * At a step, the path of its message is visible even if it took no time at all.
 * @param {Message} message
 * @param {number} at
 * @returns {Flight}
 */
function currentFlight(message, at) {
  const share = (at - message.sentAt) / Math.max(message.endAt - message.sentAt, 0.001);
  const label = `${message.method.replace(/^\w+\./, '')} ${message.brief}`.trim();
  const progress = message.isLost && at >= message.endAt ? 1 : Math.max(0.08, Math.min(0.92, share));
  return { ...commonOf(message), label, progress };
}

/**
 * @param {Message} message
 * @returns {Omit<Flight, 'progress'>}
 */
function commonOf({ id, from, to, method, message, isLost }) {
  return { id, from, to, kind: flightKind(method, message), isLost };
}

/**
 * @param {string} method
 * @param {'request' | 'reply'} message
 */
export function flightKind(method, message) {
  if (method.startsWith('sysmonitor.')) return 'ping';
  if (message === 'reply') return 'answer';
  return ['kv.prepare', 'kv.chunk', 'kv.position'].includes(method) ? 'prepare' : 'request';
}

/** @param {string} address */
function nameOf(address) {
  return address.replace(/:\d+$/, '');
}

/** @param {Readonly<RunState>} state */
function sceneInWords(state) {
  const servers = Object.values(state.processes).filter(({ kind }) => kind === 'server');
  const told = servers.map(({ name, isUp, isPaused, role, viewnum, commit }) =>
    isUp ? `${name} ${isPaused ? 'paused, ' : ''}${role} of view ${viewnum}, committed ${commit}` : `${name} down`,
  );
  const cuts = Object.keys(state.links).length;
  return `${told.join('; ')}${cuts === 0 ? '' : `; ${cuts} links cut or clogged`}`;
}

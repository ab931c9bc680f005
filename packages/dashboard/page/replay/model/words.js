/** The events of a trace as text. */

/** @import { Cause, TraceEvent, View } from './trace.d.ts' */

/** @typedef {'message' | 'view' | 'fault' | 'process' | 'log' | 'operation' | 'notice' | 'violation'} Group */

/** The groups that the list of events can hide, in the order of its boxes. @type {readonly Group[]} */
export const GROUPS = ['message', 'view', 'fault', 'process', 'log', 'operation', 'notice', 'violation'];

/** @type {Readonly<Record<TraceEvent['kind'], Group>>} */
const GROUP_OF = {
  start: 'process',
  sent: 'message',
  received: 'message',
  held: 'message',
  lost: 'message',
  view: 'view',
  acknowledged: 'view',
  process: 'process',
  link: 'fault',
  role: 'view',
  commit: 'log',
  log: 'log',
  notice: 'notice',
  operation: 'operation',
  fault: 'fault',
  'fault-over': 'fault',
  healed: 'fault',
  violation: 'violation',
  end: 'process',
};

/** @param {TraceEvent} event */
export function groupOf({ kind }) {
  return GROUP_OF[kind];
}

/** One line. @param {TraceEvent} event */
export function inWords(event) {
  switch (event.kind) {
    case 'start':
      return `seed ${event.seed}: ${event.servers.length} servers, ${event.clients.length} clients`;
    case 'sent':
      return `${nameOf(event)} ${event.from} → ${event.to}${event.brief === '' ? '' : `: ${event.brief}`}`;
    case 'received':
    case 'held':
    case 'lost':
      return `${nameOf(event)} ${event.from} → ${event.to} ${FATES[event.kind]}${inBrackets(event.reason)}`;
    case 'view':
      return `${viewInWords(event.view)} - ${event.causes.map(causeInWords).join('; ')}`;
    case 'acknowledged':
      return `view ${event.viewnum} acknowledged`;
    case 'process':
      return `${event.name} ${PROCESS[event.state]}`;
    case 'link':
      return `link ${event.from} → ${event.to} ${event.state === 'open' ? 'open again' : event.state}`;
    case 'role':
      return `${event.server} knows view ${event.viewnum}: ${event.role}`;
    case 'commit':
      return `${event.server} committed up to ${event.index}${event.last > event.index ? ` of ${event.last}` : ''}`;
    case 'log':
      return event.what === 'cut'
        ? `${event.server} cut entries ${event.from} to ${event.to} off its log`
        : `${event.server} took over a state as of ${event.to}`;
    case 'notice':
      return `${event.name}: ${noticeInWords(event.notice)}`;
    case 'operation':
      return `${event.client} ${event.op} ${event.key}${valueOf(event.value)} → ${event.outcome}`;
    case 'fault':
      return faultInWords(event);
    case 'fault-over':
      return `fault ${event.strike} is over`;
    case 'healed':
      return 'everything is put right';
    case 'violation':
      return `violated: ${event.property}`;
    case 'end':
      return endInWords(event);
  }
}

/** @param {View} view */
export function viewInWords({ viewnum, primary, backups, syncing }) {
  const seats = backups.map((backup) => (syncing.includes(backup) ? `${backup} (syncing)` : backup));
  return `view ${viewnum}: primary ${primary || 'nobody'}, ${seats.length === 0 ? 'no backup' : `backup ${seats.join(', ')}`}`;
}

/** Rounds numbers so that they can be read. @param {{ readonly fault: string, readonly what: string }} fault */
export function faultInWords({ fault, what }) {
  return `${fault}: ${what.replaceAll(/\d+\.\d{4,}/g, (number) => Number(number).toPrecision(3))}`;
}

/** For example "1.329 s". @param {number} ms */
export function timeInWords(ms, digits = 3) {
  return `${(ms / 1_000).toFixed(digits)} s`;
}

const FATES = { received: 'arrived', held: 'waits', lost: 'lost' };

const PROCESS = {
  started: 'started',
  leaving: 'is about to leave',
  ended: 'ended',
  paused: 'stands still',
  resumed: 'goes on',
};

/** @type {Readonly<Record<string, (cause: Cause) => string>>} */
const CAUSES = {
  'first-server': ({ server }) => `${server} is the first server`,
  'primary-silent': ({ server, forMs = 0 }) => `primary ${server} silent for ${Math.round(forMs)} ms`,
  'primary-behind': ({ server }) => `primary ${server} restarted with less data than its backup holds`,
  'primary-lost-data': ({ server }) => `primary ${server} restarted without its data`,
  'primary-leaving': ({ server }) => `primary ${server} leaves`,
  'backup-silent': ({ server, forMs = 0 }) => `backup ${server} silent for ${Math.round(forMs)} ms`,
  'backup-lost-data': ({ server }) => `backup ${server} restarted without its data`,
  'backup-leaving': ({ server }) => `backup ${server} leaves`,
  'backup-unreachable': ({ server }) => `the primary gets no answer from backup ${server}`,
  'backup-joined': ({ server }) => `${server} joins as backup`,
  'member-restarted': ({ server }) => `${server} restarted with its data`,
  rebuilt: ({ viewnum }) => `rebuilt from view ${viewnum}, as its members reported it`,
};

/** @param {Cause} cause */
function causeInWords(cause) {
  return CAUSES[cause.kind]?.(cause) ?? `${cause.kind} ${cause.server}`;
}

/** @param {{ readonly method: string, readonly message: 'request' | 'reply' }} event */
function nameOf({ method, message }) {
  return `${method.replace(/^(kv|sysmonitor)\./, '')}${message === 'reply' ? ' reply' : ''}`;
}

/** @param {string} reason */
function inBrackets(reason) {
  return reason === '' ? '' : ` (${reason})`;
}

/** @param {{ readonly violations: number, readonly halted: string }} end */
function endInWords({ violations, halted }) {
  if (halted !== '') return `halted: ${halted}`;
  return `end, ${violations} ${violations === 1 ? 'violation' : 'violations'}`;
}

/**
 * The kind of the notice, and its other fields.
 * @param {{ readonly kind: string } & Readonly<Record<string, unknown>>} notice
 */
function noticeInWords({ kind, ...rest }) {
  const told = Object.entries(rest).filter(([, value]) => value !== '' && value !== null);
  const words = told.map(([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : value}`);
  return [kind.replaceAll('-', ' '), ...words].join(', ');
}

/** @param {unknown} value */
function valueOf(value) {
  return value === undefined ? '' : ` ${JSON.stringify(value)}`;
}

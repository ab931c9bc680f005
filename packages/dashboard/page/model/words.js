/** Numbers, times and terms of the view service as text for people. */

/** @import { Cause, View } from './status.d.ts' */

const WHOLE = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const COMPACT = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });

/** For example 12,345. @param {number | undefined} value */
export function count(value) {
  return value === undefined || Number.isNaN(value) ? '–' : WHOLE.format(value);
}

/** For example 20.1K. @param {number} value */
export function compact(value) {
  if (value < 0.05) return '0';
  return value < 10 && !Number.isInteger(value) ? value.toFixed(1) : COMPACT.format(value);
}

/** For example 12 MiB or 1.5 GiB. @param {number} value */
export function bytes(value) {
  let [amount, unit] = [value / 1_024, 0];
  for (; amount >= 1_000 && unit < UNITS.length - 1; unit++) amount /= 1_024;
  return `${amount < 10 ? amount.toFixed(1) : Math.round(amount)} ${UNITS[unit]}`;
}

const UNITS = ['KiB', 'MiB', 'GiB', 'TiB'];

/** For example 0.42 ms, 12 ms, 1.2 s. @param {number} ms */
export function latency(ms) {
  if (ms < 10) return `${ms.toFixed(ms < 1 ? 2 : 1)} ms`;
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

/** For example 40 ms, 3.2 s, 4 min 10 s, 2 h 5 min, 3 days. @param {number} ms */
export function span(ms) {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1_000;
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days`;
}

/** How long ago, only as precise as one can read at a glance. @param {number} ms */
export function ago(ms) {
  if (ms < 1_000) return 'now';
  return ms < 60_000 ? `${Math.floor(ms / 1_000)} s ago` : `${span(ms)} ago`;
}

/** The time of day to the millisecond. @param {number} at */
export function clock(at) {
  const date = new Date(at);
  return `${date.toTimeString().slice(0, 8)}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

/** @param {number} amount @param {string} noun @param {string} [plural] */
export function several(amount, noun, plural = `${noun}s`) {
  return `${count(amount)} ${amount === 1 ? noun : plural}`;
}

/** For example "a, b and c". @param {readonly string[]} names */
export function list(names) {
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

/** For example "primary a:1 silent for 512 ms". @param {Cause} cause */
export function causeInWords({ kind, server, forMs, viewnum, without }) {
  switch (kind) {
    case 'first-server':
      return `${server} is the first server`;
    case 'primary-silent':
    case 'backup-silent':
      return `${kind.startsWith('primary') ? 'primary' : 'backup'} ${server} silent for ${Math.round(forMs ?? 0)} ms`;
    case 'primary-lost-data':
    case 'backup-lost-data':
      return `${kind.startsWith('primary') ? 'primary' : 'backup'} ${server} restarted without its data`;
    case 'primary-behind':
      return `primary ${server} restarted with less data than its backup holds`;
    case 'primary-leaving':
    case 'backup-leaving':
      return `${kind.startsWith('primary') ? 'primary' : 'backup'} ${server} leaves`;
    case 'backup-unreachable':
      return `the primary gets no answer from backup ${server}`;
    case 'backup-joined':
      return `${server} joins as backup`;
    case 'member-restarted':
      return `${server} restarted with its data`;
    case 'rebuilt':
      return without === undefined
        ? `rebuilt from view ${viewnum}, as its members reported it`
        : `rebuilt with what ${server} holds, without ${list(without)}`;
    default:
      return `${kind} ${server}`;
  }
}

/** The seats of a view, such as "primary a:1, backup b:2 (syncing)". @param {View} view */
export function seatsInWords({ primary, backups, syncing }) {
  const seats = backups.map((backup) => (syncing.includes(backup) ? `${backup} (syncing)` : backup));
  const others = seats.length === 0 ? 'no backup' : `${seats.length === 1 ? 'backup' : 'backups'} ${list(seats)}`;
  return `primary ${primary}, ${others}`;
}

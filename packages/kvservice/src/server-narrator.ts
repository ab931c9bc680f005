/** Puts the notices of a server into words. */
import type { Telling } from '@understudy/dashboard';
import { unreachable } from '@understudy/rpc';
import { viewInWords } from '@understudy/sysmonitor';
import type { ServerNotice } from './notice.ts';

/** Remembers the reported progress of each transfer, so that a large one takes ten lines instead of thousands. */
export class ServerNarrator {
  readonly #toldTenths = new Map<string, number>();

  tell(notice: ServerNotice): Telling {
    const telling = tellServerNotice(notice);
    if (notice.kind === 'sync-started') this.#toldTenths.delete(notice.backup);
    return notice.kind === 'sync-progress' && !this.#isNews(notice) ? { ...telling, level: 'debug' } : telling;
  }

  #isNews(notice: ServerNotice & { kind: 'sync-progress' }): boolean {
    const tenth = Math.floor(percentage(notice) / 10);
    if (tenth === (this.#toldTenths.get(notice.backup) ?? 0)) return false;
    this.#toldTenths.set(notice.backup, tenth);
    return true;
  }
}

function tellServerNotice(notice: ServerNotice): Telling {
  switch (notice.kind) {
    case 'view':
      return { level: 'info', text: `is ${notice.role} in ${viewInWords(notice.view)}` };
    case 'serving':
      return { level: 'info', text: `serves as primary of view ${notice.viewnum}` };
    case 'acknowledged':
      return { level: 'debug', text: `acknowledges view ${notice.viewnum}` };
    case 'sync-started':
      return { level: 'info', text: `brings ${notice.backup} up to date${load(notice)}` };
    case 'sync-progress':
      return { level: 'info', text: `brings ${notice.backup} up to date: ${progress(notice)}` };
    case 'sync-restarted':
      return { level: 'warn', text: `starts over with bringing ${notice.backup} up to date: ${notice.reason}` };
    case 'synced':
      return { level: 'info', text: `${notice.backup} holds everything up to ${notice.index} and counts from now on` };
    case 'suffix-cut':
      return {
        level: 'warn',
        text: `cut ${notice.entries} uncommitted ${entries(notice.entries)} that the primary never had`,
      };
    case 'backup-lost':
      return {
        level: 'warn',
        text: `${lost(notice)}; asks for another`,
      };
    case 'backup-distant':
      return { level: 'warn', text: distant(notice) };
    case 'memory-full':
      return { level: 'warn', text: `refuses more data: it holds ${memory(notice)}; reads and deletes go on` };
    case 'memory-free':
      return { level: 'info', text: `takes data again: it holds ${memory(notice)}` };
    case 'no-room':
      return {
        level: 'error',
        text: `takes no seat: the data needs more than the ${mib(notice.maxBytes)} that it may hold (--max-memory); ${notice.keys} keys fitted`,
      };
    case 'backup-without-room':
      return { level: 'warn', text: `backup ${notice.backup} has no memory for the data, asks for another` };
    case 'refused-seat':
      return { level: 'error', text: `takes no part: ${notice.reason}` };
    case 'leaving':
      return { level: 'info', text: `leaves, and waits for ${notice.waitsFor}` };
    case 'message-refused':
      return { level: 'warn', text: refusal(notice) };
    case 'monitor-answers':
      return { level: 'info', text: 'the monitor answers' };
    case 'monitor-recovering':
      return { level: 'warn', text: `the monitor has no view: ${notice.reason}` };
    case 'monitor-unreachable':
      return { level: 'warn', text: `the monitor does not answer, goes on trying: ${notice.reason}${hint(notice)}` };
    case 'monitor-distant':
      return { level: 'warn', text: distantMonitor(notice) };
    case 'monitors-disagree':
      return { level: 'error', text: rivals(notice) };
    case 'monitors-agree':
      return { level: 'info', text: 'the monitors agree again, or only one of them answers' };
    case 'restored':
      return { level: 'info', text: restored(notice) };
    case 'data-damaged':
      return {
        level: 'error',
        text: `its data on disk is damaged: ${notice.reason}; it is in ${notice.movedTo} now, and this server starts without`,
      };
    case 'stopped':
      return stopped(notice);
    default:
      return unreachable(notice);
  }
}

function rivals({ views, follows }: ServerNotice & { kind: 'monitors-disagree' }): string {
  const remedy = 'only one of them may run: end the other';
  return `the monitors disagree: ${views}; this server follows ${follows}; ${remedy}`;
}

function memory({ heldBytes, maxBytes }: { readonly heldBytes: number; readonly maxBytes: number }): string {
  return `about ${mib(heldBytes)} of the ${mib(maxBytes)} that it may, a second copy of its data counted`;
}

function mib(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

function refusal({ method, from, reason, times }: ServerNotice & { kind: 'message-refused' }): string {
  const more = times === 1 ? '' : `; it is one of ${times} since the last that was told`;
  return `refuses a ${method}, or the answer to one, of ${JSON.stringify(from)}: ${reason}${more}`;
}

function restored({ viewnum, keys, applied, entries: count }: ServerNotice & { kind: 'restored' }): string {
  const data = `${keys} ${keys === 1 ? 'key' : 'keys'} as of ${applied}`;
  return `found its data of view ${viewnum} on disk: ${data}, and a log of ${count} ${entries(count)}`;
}

function load({ by, records }: ServerNotice & { kind: 'sync-started' }): string {
  if (by === 'snapshot') return `: a snapshot of ${records} records`;
  return records === 0 ? '' : `: the ${records} ${entries(records)} that it misses`;
}

function lost({ backup, silentMs, answers }: ServerNotice & { kind: 'backup-lost' }): string {
  if (answers) return `backup ${backup} answers, but nothing of what it is sent got through for ${silentMs} ms`;
  return `gets no answer from backup ${backup} for ${silentMs} ms`;
}

/** If the round trip is longer than the wait, a distant monitor looks unreachable. Suggests a longer interval. */
function hint({ waitedMs }: ServerNotice & { kind: 'monitor-unreachable' }): string {
  if (waitedMs === undefined) return '';
  return `; each answer has ${waitedMs} ms: if the way there and back takes longer, set a longer --ping-interval`;
}

function distantMonitor({ roundTripMs, silenceMs }: ServerNotice & { kind: 'monitor-distant' }): string {
  const took = `even the fastest answers of the monitor take ${Math.round(roundTripMs)} ms`;
  return `${took}, and a server counts as dead after ${silenceMs} ms: set a longer --ping-interval, on all servers and the monitor`;
}

function distant({ backup, roundTripMs, leaseMs, silenceMs }: ServerNotice & { kind: 'backup-distant' }): string {
  const took = `even the fastest answers of backup ${backup} take ${Math.round(roundTripMs)} ms`;
  const lease = `a read lease lasts ${leaseMs} ms, so reads have to wait for that backup`;
  const silence = `after ${silenceMs} ms without an answer it is taken for lost`;
  return `${took}: ${lease}, and ${silence}; set a longer --ping-interval, on all servers and the monitor`;
}

function progress(notice: ServerNotice & { kind: 'sync-progress' }): string {
  return `${notice.sent} of ${notice.total} records, ${percentage(notice)} %`;
}

function percentage({ sent, total }: ServerNotice & { kind: 'sync-progress' }): number {
  return Math.floor((100 * sent) / Math.max(1, total));
}

function stopped(notice: ServerNotice & { kind: 'stopped' }): Telling {
  if (notice.reason !== '') return { level: 'error', text: `stopped: ${notice.reason}` };
  const trouble = unheldInWords(notice);
  return trouble === '' ? { level: 'info', text: 'has left' } : { level: 'warn', text: `has left; ${trouble}` };
}

/** Says that no server that stays holds the data of the one that left, and what is lost; "" if one does. */
export function unheldInWords({ reason, held, lost, holder }: ServerNotice & { kind: 'stopped' }): string {
  if (reason !== '' || held) return '';
  if (holder !== '') return `${NO_SUCCESSOR}; ${holder} holds the data as well: nothing is lost while it lives`;
  return lost === '' ? ON_DISK : lost;
}

const NO_SUCCESSOR = 'no monitor made another server primary in time';
const ON_DISK = 'no server that stays holds the data, but nothing is lost: it is on the disk of this server';

function entries(count: number): string {
  return count === 1 ? 'entry' : 'entries';
}

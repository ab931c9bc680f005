/** The monitor's notices in words, for the log and the page. */
import type { Telling } from '@understudy/dashboard';
import { unreachable } from '@understudy/rpc';
import { causeInWords } from './cause.ts';
import type { MonitorNotice } from './notice.ts';
import type { Waiting } from './status.ts';
import { viewInWords } from './view-in-words.ts';

export function tellMonitorNotice(notice: MonitorNotice): Telling {
  switch (notice.kind) {
    case 'view':
      return { level: 'info', text: `${viewInWords(notice.view)} - ${notice.causes.map(causeInWords).join('; ')}` };
    case 'acknowledged':
      return acknowledged(notice);
    case 'server':
      return sighting(notice);
    case 'waiting':
      return waitingInWords(notice.waiting);
    case 'conflict':
      return {
        level: 'error',
        text: `two processes claim to be ${notice.server}: the older run, ${notice.incarnation}, is refused`,
      };
    case 'message-refused': {
      const more = notice.times === 1 ? '' : `; it is one of ${notice.times} since the last that was told`;
      return { level: 'warn', text: `refuses a ping of ${JSON.stringify(notice.from)}: ${notice.reason}${more}` };
    }
    case 'foreign':
      return {
        level: 'error',
        text: `${notice.server} belongs to another cluster, or knows view ${notice.viewnum}, which was never given here`,
      };
    case 'paused':
      return {
        level: 'warn',
        text: `stood still for ${Math.round(notice.forMs)} ms: every server counts as heard now`,
      };
    case 'deaf':
      return {
        level: 'warn',
        text: `heard nobody for ${Math.round(notice.forMs)} ms: every server counts as heard now`,
      };
    case 'restored':
      return { level: 'info', text: `goes on from ${viewInWords(notice.view)}, as it was kept on disk` };
    case 'data-damaged':
      return { level: 'error', text: damagedInWords(notice) };
    case 'stopped':
      return notice.reason === ''
        ? { level: 'info', text: 'has ended' }
        : { level: 'error', text: `stopped: ${notice.reason}` };
    default:
      return unreachable(notice);
  }
}

function damagedInWords({ reason, movedTo }: MonitorNotice & { kind: 'data-damaged' }): string {
  return `what it kept on disk is damaged: ${reason}; it is in ${movedTo} now, and the servers have to report`;
}

function acknowledged({ view }: MonitorNotice & { kind: 'acknowledged' }): Telling {
  if (view.backups.length === 0) return { level: 'debug', text: `view ${view.viewnum} acknowledged` };
  return {
    level: 'info',
    text: `view ${view.viewnum} acknowledged: ${view.backups.join(' and ')} ${view.backups.length === 1 ? 'holds' : 'hold'} all the data`,
  };
}

function sighting({ server, role, condition }: MonitorNotice & { kind: 'server' }): Telling {
  switch (condition) {
    case 'alive':
      return { level: 'info', text: `${server} is here, ${role}` };
    case 'silent':
      return { level: 'warn', text: `${server} is silent (${role})` };
    case 'lost-data':
      return { level: 'warn', text: `${server} came back without its data, or with older data (${role})` };
    case 'leaving':
      return { level: 'info', text: `${server} leaves on purpose (${role})` };
    default:
      return unreachable(condition);
  }
}

/** Describes what must happen next. The level is `warn` if there is no service until then. */
export function waitingInWords(waiting: Waiting): Telling {
  const servers = waiting.servers.join(', ');
  switch (waiting.kind) {
    case 'nothing':
      return { level: 'debug', text: 'waits for nothing' };
    case 'survivors':
      return {
        level: 'info',
        text: `has no view yet: listens ${Math.ceil(waiting.forMs)} ms for servers of an earlier one`,
      };
    case 'first-server':
      return { level: 'info', text: 'waits for the first server' };
    case 'reports':
      return {
        level: 'warn',
        text: `no service: has no state to trust, and goes on from ${waiting.viewnum === 0 ? 'the last view' : `view ${waiting.viewnum}`} once it has heard ${servers || 'its servers'}`,
      };
    case 'acknowledgement':
      return { level: 'debug', text: `waits for ${servers} to acknowledge the view` };
    case 'successor':
      return { level: 'debug', text: `waits for a ping of ${servers}, to make it primary` };
    case 'data':
      return { level: 'warn', text: `no service: ${missing(waiting.servers)}` };
    case 'backup':
      return { level: 'info', text: 'fewer backups than wanted, and no idle server to join' };
    default:
      return unreachable(waiting);
  }
}

function missing(servers: readonly string[]): string {
  if (servers.length === 0) {
    const remedy = 'a monitor started with --recover goes on with what they still have';
    const end = 'if that is nothing, only a new cluster can go on';
    return `every server that held all the data has lost it, or came back with less; ${remedy}; ${end}`;
  }
  const whose = servers.length === 1 ? 'holds' : 'hold';
  return `only ${servers.join(' and ')} ${whose} all the data; one that does must come back with it`;
}

/** Describes a cluster: the view, what it waits for, and one line per server. */
import { causeInWords, viewInWords, waitingInWords } from '@understudy/sysmonitor';
import type { ClusterReport, ServerReport } from '../inquiry.ts';
import { printable } from '../output/printable.ts';
import { duration, table } from '../table.ts';

export function reportInWords(report: ClusterReport): string {
  const header = ['SERVER', 'ROLE', 'STATE', 'REVISION', 'LAG', 'KEYS', 'LAST PING'];
  const servers = report.servers.length === 0 ? [] : ['', table([header, ...report.servers.map(row)])];
  const words = [headline(report), ...rivals(report), ...trouble(report), ...latest(report)].map(printable);
  return [...words, ...servers].join('\n');
}

function headline({ view, acknowledged, phase }: ClusterReport): string {
  if (phase !== 'serving') return `no view: the monitor is ${phase}`;
  if (view.viewnum === 0) return 'no view yet';
  return `${viewInWords(view)}${acknowledged ? '' : ' (not acknowledged yet)'}`;
}

function rivals({ disagreement, monitor }: ClusterReport): readonly string[] {
  if (disagreement === undefined) return [];
  const shown = monitor === undefined ? '' : `; all the rest here is what ${monitor} says`;
  return [`the monitors disagree: ${disagreement}; only one of them may run: end the other${shown}`];
}

function trouble({ waiting }: ClusterReport): readonly string[] {
  const { level, text } = waitingInWords(waiting);
  return level === 'debug' ? [] : [text];
}

function latest({ history }: ClusterReport): readonly string[] {
  const change = history.at(-1);
  return change === undefined ? [] : [`since ${duration(change.agoMs)}: ${change.causes.map(causeInWords).join('; ')}`];
}

function row(report: ServerReport): readonly string[] {
  const { server, role, syncing, lastPingMs, revision, lag, keys } = report;
  const number = (value: number | null) => (value === null ? '-' : String(value));
  const ping = lastPingMs === null ? 'never' : `${duration(lastPingMs)} ago`;
  return [
    printable(server),
    syncing ? `${role}, syncing` : role,
    state(report),
    number(revision),
    number(lag),
    number(keys),
    ping,
  ];
}

function state({ condition, unanswered, ready, transfer, role, full }: ServerReport): string {
  if (condition !== 'alive') return condition;
  if (unanswered !== undefined) return 'no answer';
  if (transfer !== undefined) return `${Math.floor((100 * transfer.sent) / Math.max(1, transfer.total))} %`;
  if (role === 'primary' && !ready) return 'not ready';
  return full ? 'full' : 'ok';
}

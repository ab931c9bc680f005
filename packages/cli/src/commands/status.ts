/** `understudy status`: the view, and how every server stands. */
import { realWorld } from '@understudy/rpc';
import { causeInWords } from '@understudy/sysmonitor';
import { Command } from 'commander';
import { type ClusterReport, inquire, type ServerReport } from '../inquiry.ts';
import { waitingInWords } from '../narrate/monitor.ts';
import { viewInWords } from '../narrate/view.ts';
import { integer, jsonOption, monitorOption } from '../options.ts';
import { printAnswer } from '../output.ts';
import { duration, table } from '../table.ts';

interface Options {
  readonly monitor: readonly string[];
  readonly timeout: number;
  readonly json?: boolean;
}

export function statusCommand(): Command {
  return new Command('status')
    .description('Show the view and every server: role, revision, lag, last ping.')
    .addOption(monitorOption())
    .option('--timeout <MS>', 'how long to wait for the monitor, and then for the servers', integer(1), 2_000)
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
REVISION is the last write that a server has applied, LAG how many a backup is behind.
Exits 0 when a monitor answered, even where there is no service; 1 when none did.`,
    )
    .action(async (options: Options) => {
      const world = realWorld();
      try {
        const report = await inquire({ world, monitors: options.monitor, timeoutMs: options.timeout });
        printAnswer(options, report, inWords(report));
      } finally {
        await world.transport.close();
      }
    });
}

function inWords(report: ClusterReport): string {
  const header = ['SERVER', 'ROLE', 'STATE', 'REVISION', 'LAG', 'KEYS', 'LAST PING'];
  const servers = report.servers.length === 0 ? [] : ['', table([header, ...report.servers.map(row)])];
  return [headline(report), ...trouble(report), ...latest(report), ...servers].join('\n');
}

function headline({ view, acknowledged, phase }: ClusterReport): string {
  if (phase !== 'serving') return `no view: the monitor is ${phase}`;
  if (view.viewnum === 0) return 'no view yet';
  return `${viewInWords(view)}${acknowledged ? '' : ' (not acknowledged yet)'}`;
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
    server,
    syncing ? `${role}, syncing` : role,
    state(report),
    number(revision),
    number(lag),
    number(keys),
    ping,
  ];
}

function state({ condition, unanswered, ready, transfer, role }: ServerReport): string {
  if (condition !== 'alive') return condition;
  if (unanswered !== undefined) return 'no answer';
  if (transfer !== undefined) return `${Math.floor((100 * transfer.sent) / Math.max(1, transfer.total))} %`;
  return role === 'primary' && !ready ? 'not ready' : 'ok';
}

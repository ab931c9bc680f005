/** `understudy monitor`: runs the view service. */
import { realWorld } from '@understudy/rpc';
import {
  DEAD_PINGS,
  type Monitor,
  type MonitorNotice,
  PING_INTERVAL,
  startMonitor,
  tellMonitorNotice,
} from '@understudy/sysmonitor';
import { Command } from 'commander';
import { type Service, serveUntilTold } from '../daemon.ts';
import { controlOption, type DashboardOptions, dashboardOf, logDashboard, noDashboardOption } from '../dashboard.ts';
import { UsageError } from '../exit.ts';
import { createLog, type Log, whileLogging } from '../log.ts';
import { allowHostOption, dataOption, deadPingsOption, integer, listenOption, pingIntervalOption } from '../options.ts';
import { AgreeingOperator, TerminalOperator } from '../recovery/operator.ts';
import { recover } from '../recovery/recover.ts';
import { withStart } from '../starting.ts';

interface Options extends DashboardOptions {
  readonly listen: string;
  readonly backups: number;
  readonly pingInterval: number;
  readonly deadPings: number;
  readonly maxServers: number;
  readonly new?: boolean;
  readonly recover?: boolean;
  readonly yes?: boolean;
  readonly data?: string;
  readonly allowHost?: readonly string[];
}

export function monitorCommand(): Command {
  return new Command('monitor')
    .description('Run the view service, which decides who is primary.')
    .addOption(listenOption())
    .addOption(dataOption())
    .option('--backups <N>', 'backups wanted beside the primary', integer(0, 100), 1)
    .addOption(pingIntervalOption(PING_INTERVAL))
    .addOption(deadPingsOption(DEAD_PINGS))
    .addOption(allowHostOption())
    .option('--max-servers <N>', 'servers remembered beside the members of the view', integer(1, 10_000), 100)
    .option(
      '--new',
      'the cluster is new: do not listen for servers of an earlier one; ignored if --data has ever held a view',
    )
    .option(
      '--recover',
      'trust neither --data nor that there is none: go by the servers, and ask what to do without some',
    )
    .addOption(noDashboardOption())
    .addOption(controlOption())
    .option('--yes', 'with --recover: go on without asking, once nothing new was heard for ten seconds')
    .addHelpText(
      'after',
      `
Prints \`listening HOST:PORT\` on stdout. Its log goes to stderr, one JSON object a line: first the version and the
options, then the address of its web page.
A monitor that is started again continues with the view in its --data directory. Without one, it learns the view
from the servers.
With --recover it goes by what the servers report: with all who may hold writes, nothing is lost; without some it shows who
holds how much, and goes on with the best of them when it is told to. It never begins a new cluster then.
SIGTERM, SIGINT and SIGHUP end it; the servers serve on without it, as long as nothing else happens.`,
    )
    .action((options: Options, command: Command) => {
      if (options.yes === true && options.recover !== true) throw new UsageError('--yes says yes to --recover only');
      if (options.recover === true && options.new === true) throw new UsageError('--new has nothing to --recover');
      if (options.recover === true && options.yes !== true && !process.stdin.isTTY) {
        throw new UsageError('--recover asks before anything is lost: call it on a terminal, or with --yes');
      }
      const log = withStart(createLog('monitor'), command, options.listen);
      return whileLogging(log, () => serveUntilTold(() => serve(options, log)));
    });
}

async function serve(options: Options, log: Log): Promise<Service> {
  const monitor = await startMonitor({
    listen: options.listen,
    backups: options.backups,
    pingInterval: options.pingInterval,
    deadPings: options.deadPings,
    maxServers: options.maxServers,
    newCluster: options.new === true,
    recover: options.recover === true,
    ...(options.allowHost === undefined ? {} : { allowHosts: options.allowHost }),
    ...(options.data === undefined ? {} : { dataDir: options.data }),
    dashboard: dashboardOf(options),
    droppedLogRecords: () => log.dropped,
    onNotice: (notice: MonitorNotice) => log.tell(tellMonitorNotice(notice), notice),
  });
  log.announce(monitor.address);
  logDashboard(log, monitor.address, options);
  const ended = options.recover === true ? recovering(monitor, options) : monitor.ended;
  return { leave: () => monitor.close().then(() => ''), stop: () => monitor.close(), ended };
}

/** Resolves with the reason when the monitor has ended. */
async function recovering(monitor: Monitor, options: Options): Promise<string> {
  const operator = options.yes === true ? new AgreeingOperator() : new TerminalOperator();
  const end = new AbortController();
  void monitor.ended.then(() => end.abort());
  const recovered = await recover(monitor, realWorld().clock, operator, end.signal);
  if (recovered !== 'refused') return monitor.ended;
  await monitor.close();
  return 'nothing was changed: start it again to wait, or with --recover to be asked again';
}

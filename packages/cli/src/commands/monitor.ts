/** `understudy monitor`: runs the view service. */
import { DEAD_PINGS, type MonitorNotice, PING_INTERVAL, startMonitor } from '@understudy/sysmonitor';
import { Command } from 'commander';
import { type Service, serveUntilTold } from '../daemon.ts';
import { createLog } from '../log.ts';
import { tellMonitorNotice } from '../narrate/monitor.ts';
import { dataOption, deadPingsOption, integer, listenOption, pingIntervalOption } from '../options.ts';
import { printLine } from '../output.ts';

interface Options {
  readonly listen: string;
  readonly backups: number;
  readonly pingInterval: number;
  readonly deadPings: number;
  readonly new?: boolean;
  readonly data?: string;
}

export function monitorCommand(): Command {
  return new Command('monitor')
    .description('Run the view service, which decides who is primary.')
    .addOption(listenOption())
    .addOption(dataOption())
    .option('--backups <N>', 'backups wanted beside the primary', integer(0, 100), 1)
    .addOption(pingIntervalOption(PING_INTERVAL))
    .addOption(deadPingsOption(DEAD_PINGS))
    .option('--new', 'the cluster is new: do not listen for servers of an earlier one first')
    .addHelpText(
      'after',
      `
Prints \`listening HOST:PORT\` on stdout, and its log, one JSON object a line, on stderr.
Started again, without --new, it goes on from what is in the directory of --data; without one, it learns from the servers where they were.
SIGTERM and SIGINT end it; the servers serve on without it, as long as nothing else happens.`,
    )
    .action((options: Options) => serveUntilTold(() => serve(options)));
}

async function serve(options: Options): Promise<Service> {
  const log = createLog('monitor');
  const monitor = await startMonitor({
    listen: options.listen,
    backups: options.backups,
    pingInterval: options.pingInterval,
    deadPings: options.deadPings,
    newCluster: options.new === true,
    ...(options.data === undefined ? {} : { dataDir: options.data }),
    onNotice: (notice: MonitorNotice) => log.tell(tellMonitorNotice(notice), notice),
  });
  printLine(`listening ${monitor.address}`);
  return { leave: () => monitor.close(), stop: () => monitor.close(), ended: monitor.ended };
}

/** `understudy server`: runs one server of the key/value service. */
import {
  ServerNarrator,
  type ServerNotice,
  type ServerOptions,
  startServer,
  unheldInWords,
} from '@understudy/kvservice';
import { DEAD_PINGS, PING_INTERVAL } from '@understudy/sysmonitor';
import { Command } from 'commander';
import { obedientWorld } from '../chaos/orders.ts';
import { type Service, serveUntilTold } from '../daemon.ts';
import { controlOption, type DashboardOptions, dashboardOf, logDashboard, noDashboardOption } from '../dashboard.ts';
import { UsageError } from '../exit.ts';
import { createLog, type Log, whileLogging } from '../log.ts';
import {
  allowHostOption,
  dataOption,
  deadPingsOption,
  integer,
  isEverywhere,
  listenOption,
  maxMemoryOption,
  monitorOption,
  peerAddress,
  pingIntervalOption,
} from '../options.ts';
import { withStart } from '../starting.ts';

interface Options extends DashboardOptions {
  readonly listen: string;
  readonly monitor: readonly string[];
  readonly advertise?: string;
  readonly priority: number;
  readonly minBackups: number;
  readonly lease?: number;
  readonly sessionTtl?: number;
  readonly leaveTimeout: number;
  readonly maxMemory?: number;
  readonly data?: string;
  readonly allowHost?: readonly string[];
  readonly pingInterval: number;
  readonly deadPings: number;
}

export function serverCommand(): Command {
  return new Command('server')
    .description('Run one server of the key/value service.')
    .addOption(listenOption())
    .addOption(monitorOption())
    .addOption(dataOption())
    .option(
      '--advertise <HOST:PORT>',
      'its name for everybody, if not the address it listens at, as with 0.0.0.0',
      peerAddress,
    )
    .option('--priority <N>', 'among servers that may be promoted the highest goes first', integer(0), 0)
    .option('--min-backups <N>', 'refuse writes while fewer backups hold the data', integer(0), 0)
    .option('--lease <MS>', 'read lease; two ping intervals unless set; the same on all servers', integer(1))
    .option(
      '--session-ttl <MS>',
      'forget a session that nobody has used for so long; ten minutes unless set',
      integer(1),
    )
    .option(
      '--leave-timeout <MS>',
      'when it leaves: how long it waits at most until a server that stays holds its data',
      integer(1),
      10_000,
    )
    .addOption(allowHostOption())
    .addOption(maxMemoryOption())
    .addOption(pingIntervalOption(PING_INTERVAL))
    .addOption(deadPingsOption(DEAD_PINGS))
    .addOption(noDashboardOption())
    .addOption(controlOption())
    .addHelpText(
      'after',
      `
Prints \`listening HOST:PORT\` on stdout. Its log goes to stderr, one JSON object a line: first the version and the
options, then the address of its web page.
On SIGTERM, SIGINT or SIGHUP the server leaves on purpose: another server takes over at once, or as soon as it has
the data. A second signal ends the process at once.
It exits with 0 when a server that stays holds its data, and else with 1; then it says what is lost (nothing, with --data).
With --data, a write is on disk before it is acknowledged, and a server that was killed comes back with its data. Without, everything is in
memory: it comes back empty and gets the data from the others.
A server that holds nearly as much as it may (--max-memory) refuses more data with NO_SPACE; reads and deletes go on.
Connections may hold a quarter of what V8's limit leaves beside that: at least 16 MiB, at most 128 MiB.`,
    )
    .action((options: Options, command: Command) => {
      const name = options.advertise ?? options.listen;
      if (isEverywhere(name)) {
        throw new UsageError(`nobody reaches a server at ${name}: give the address where others do with --advertise`);
      }
      const log = withStart(createLog('server'), command, options.listen);
      return whileLogging(log, () => serveUntilTold(() => serve(options, log)));
    });
}

async function serve(options: Options, log: Log): Promise<Service> {
  const narrator = new ServerNarrator();
  let trouble = '';
  const onNotice = (notice: ServerNotice) => {
    log.tell(narrator.tell(notice), notice);
    if (notice.kind === 'stopped') trouble = unheldInWords(notice);
  };
  const world = options.control === undefined ? undefined : obedientWorld();
  const server = await startServer({
    ...serverOptions(options),
    ...(world !== undefined && { world }),
    droppedLogRecords: () => log.dropped,
    onNotice,
  });
  log.announce(server.address);
  logDashboard(log, server.address, options);
  const ended = world === undefined ? server.ended : server.ended.finally(() => world.transport.close());
  return {
    leave: async () => {
      await server.close();
      return trouble;
    },
    stop: () => server.kill(),
    ended,
  };
}

function serverOptions(options: Options): ServerOptions {
  const { monitor, advertise, lease, data, allowHost, dashboard, control, ...rest } = options;
  return {
    ...rest,
    monitors: monitor,
    dashboard: dashboardOf({ dashboard, ...(control === undefined ? {} : { control }) }),
    ...(advertise === undefined ? {} : { advertise }),
    ...(allowHost === undefined ? {} : { allowHosts: allowHost }),
    ...(lease === undefined ? {} : { lease }),
    ...(data === undefined ? {} : { dataDir: data }),
  };
}

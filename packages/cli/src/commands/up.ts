/** `understudy up`: runs a whole cluster in one terminal, and prints what happens in it. */
import { realWorld, type World } from '@understudy/rpc';
import { Command } from 'commander';
import { Control } from '../chaos/control.ts';
import { Parent, Signals } from '../daemon.ts';
import { noDashboardOption, pageAt } from '../dashboard.ts';
import { CommandFailure, UsageError } from '../exit.ts';
import { logLevel, whileLogging } from '../log.ts';
import { dataOption, integer, jsonOption } from '../options.ts';
import { type ClusterOptions, type Happening, LocalCluster } from '../up/cluster.ts';
import { checkDataDirectory } from '../up/data-directory.ts';
import { Sequence } from '../up/sequence.ts';
import { openTeller, type Teller } from '../up/teller.ts';

const PORTS = 65_535;

interface Options extends Omit<ClusterOptions, 'control' | 'onChild'> {
  readonly chaos?: boolean;
  readonly json?: boolean;
}

export function upCommand(): Command {
  return new Command('up')
    .description('Run a whole cluster in this terminal, and show what happens in it.')
    .option('--servers <N>', 'servers of the key/value service', integer(1, 100), 3)
    .option('--backups <N>', 'backups wanted beside the primary', integer(0, 100), 1)
    .option('--port <BASE>', "the monitor's port, the servers' follow; 0: any that are free", integer(0, PORTS), 7_000)
    .option('--no-restart', 'leave a process that died dead')
    .addOption(dataOption())
    .addOption(noDashboardOption())
    .option('--chaos', 'let the web page kill, pause, restart and cut off these processes, and put load on them')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Kill a process, stop one (kill -STOP), let one leave (kill -TERM): one line for each thing that follows. A process that
died starts again after two seconds: empty, or with --data with what it has on disk. A data directory
belongs to the --port that it was made with: with another one it is refused. With --json: one JSON object a line. Ctrl-C stops everything.
With --chaos the web page has a panel that does the like, and puts load on the cluster; what is killed there stays dead until it is restarted there.`,
    )
    .action((options: Options) => up(options));
}

async function up(options: Options): Promise<void> {
  // The processes inherit this setting, so a wrong value is an error of this command too.
  logLevel();
  if (options.port + options.servers > PORTS) throw new UsageError(`--port: no ${options.servers} ports follow it`);
  if (options.port === 0 && options.data !== undefined) {
    throw new UsageError('--data: the servers are known by their addresses, so it needs a fixed --port');
  }
  if (options.data !== undefined) checkDataDirectory(options.data, options.port);
  if (options.chaos === true && !options.dashboard) throw new UsageError('--chaos is a part of the web page');
  const world = realWorld();
  const teller = openTeller(options.json === true, world.clock);
  return whileLogging(teller, () => run(options, world, teller));
}

async function run(options: Options, world: World, teller: Teller): Promise<void> {
  const { clock } = world;
  const control = options.chaos === true ? new Control(world) : undefined;
  // Nothing is printed before the members are introduced.
  const happenings = new Sequence<Happening>(clock, (happening) => teller.tell(happening));
  const untold: Happening[] = [];
  let hear = (happening: Happening): void => void untold.push(happening);
  const chaos =
    control === undefined ? {} : { control: await control.listen(), onChild: control.welcome.bind(control) };
  const cluster = new LocalCluster({ ...options, ...chaos }, clock, (happening) => {
    control?.hear(happening);
    hear(happening);
  });
  using signals = new Signals(['SIGINT', 'SIGTERM', 'SIGHUP'], () => cluster.kill());
  using parent = new Parent();
  const told = Promise.race([signals.first, parent.stop]);
  const starting = cluster.start();
  control?.take(cluster);
  try {
    const members = await Promise.race([starting, told]);
    if (typeof members !== 'string') {
      const [monitor] = members;
      teller.introduce(members, options.dashboard && monitor !== undefined ? pageAt(monitor.address) : undefined);
      hear = (happening) => happenings.add(happening);
      untold.forEach(hear);
      await told;
      happenings.flush();
    }
  } catch (error) {
    if (!(error instanceof CommandFailure) || !error.message.startsWith('cannot listen on ')) throw error;
    throw new CommandFailure(`${error.message}; --port chooses other ports`);
  } finally {
    starting.catch(() => {});
    await control?.close();
    await cluster.stop();
  }
}

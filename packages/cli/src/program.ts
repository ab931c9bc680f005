/** The `understudy` command: its subcommands, and its exit codes. */
import { UnderstudyError } from '@understudy/rpc';
import { Command, CommanderError } from 'commander';
import { backupCommand } from './commands/backup.ts';
import { checkCommand } from './commands/check.ts';
import { completionCommand } from './commands/completion.ts';
import { monitorCommand } from './commands/monitor.ts';
import { commandFor } from './commands/operation.ts';
import { replCommand } from './commands/repl.ts';
import { replayCommand } from './commands/replay.ts';
import { restoreCommand } from './commands/restore.ts';
import { serverCommand } from './commands/server.ts';
import { simCommand } from './commands/sim.ts';
import { statusCommand } from './commands/status.ts';
import { upCommand } from './commands/up.ts';
import { EXIT, UsageError } from './exit.ts';
import { OPERATIONS } from './operations/all.ts';
import { complainOf } from './output/complaint.ts';
import { isOn } from './settings/environment.ts';
import { takeFromAllSources } from './settings/sources.ts';
import { version } from './version.ts';

/** Runs one command line (without node and script) to its end, and returns its exit code. */
export async function run(args: readonly string[]): Promise<number> {
  const program = createProgram();
  try {
    await program.parseAsync(args, { from: 'user' });
    return Number(process.exitCode ?? EXIT.success);
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.success;
    const isHelp = error instanceof CommanderError && error.code === 'commander.help';
    if (!isHelp) complainOf(error, { json: isForPrograms(program, args) });
    return isWrongUsage(error) ? EXIT.usage : EXIT.failure;
  }
}

/** Whether the user asked for JSON, even if the options cannot be parsed. */
function isForPrograms({ commands }: Command, args: readonly string[]): boolean {
  const command = commands.find((it) => it.name() === args[0]);
  if (command?.options.some(({ long }) => long === '--json') !== true) return false;
  const given: unknown = command.opts().json;
  if (typeof given === 'boolean') return given;
  const end = args.indexOf('--');
  return args.slice(0, end < 0 ? undefined : end).includes('--json') || isOn(process.env.UNDERSTUDY_JSON);
}

/** A new one for each command line: commander keeps what it parsed. */
export function createProgram(): Command {
  const program = new Command('understudy')
    .description('A replicated key/value service: kill the primary, lose nothing.')
    .version(version(), '-v, --version', 'print the version')
    .configureHelp({ subcommandTerm })
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 failed (or no), 2 wrong usage; more where a command has more to say. `understudy COMMAND --help` tells.',
    );
  for (const command of [
    upCommand(),
    monitorCommand(),
    serverCommand(),
    statusCommand(),
    ...OPERATIONS.map(commandFor),
    replCommand(),
    backupCommand(),
    restoreCommand(),
    checkCommand(),
    simCommand(),
    replayCommand(),
  ]) {
    takeFromAllSources(command);
    program.addCommand(command);
  }
  program.addCommand(completionCommand(program));
  for (const command of [program, ...program.commands]) {
    // The caller reports the error, so that all failures are reported in the same way.
    command.exitOverride().configureOutput({ outputError: () => {} });
  }
  return program;
}

/** For example "cas KEY OLD NEW". Options are not shown. */
function subcommandTerm(command: Command): string {
  const argument = (name: string, isRequired: boolean) => (isRequired ? name : `[${name}]`);
  return [command.name(), ...command.registeredArguments.map((it) => argument(it.name(), it.required))].join(' ');
}

/**
 * A value that the library refuses is as wrong as one that the parser refuses. The contents of a data directory are not
 * a matter of usage.
 */
function isWrongUsage(error: unknown): boolean {
  if (error instanceof UsageError || error instanceof CommanderError) return true;
  return error instanceof UnderstudyError && error.name === 'INVALID_PARAMS' && error.data.field !== 'dataDir';
}

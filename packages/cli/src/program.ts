/** The `understudy` command: its subcommands, and what its exit codes mean. */
import { readFileSync } from 'node:fs';
import { UnderstudyError } from '@understudy/rpc';
import { Command, CommanderError } from 'commander';
import { backupCommand } from './commands/backup.ts';
import { checkCommand } from './commands/check.ts';
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
import { complain, describeError } from './output.ts';
import { takeFromAllSources } from './settings/sources.ts';

/** Runs one command line (without node and script) to its end and returns its exit code. */
export async function run(args: readonly string[]): Promise<number> {
  try {
    await createProgram().parseAsync(args, { from: 'user' });
    return Number(process.exitCode ?? EXIT.success);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.success : EXIT.usage;
    complain(describeError(error));
    return isWrongUsage(error) ? EXIT.usage : EXIT.failure;
  }
}

function createProgram(): Command {
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
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({ outputError: (text) => complain(text.replace(/^error: /, '')) });
  }
  return program;
}

/** Such as "cas KEY OLD NEW"; that there are options goes without saying. */
function subcommandTerm(command: Command): string {
  const argument = (name: string, isRequired: boolean) => (isRequired ? name : `[${name}]`);
  return [command.name(), ...command.registeredArguments.map((it) => argument(it.name(), it.required))].join(' ');
}

/** A value that the library refuses is as wrong as one that the parser refuses; what a data directory holds is no matter of usage. */
function isWrongUsage(error: unknown): boolean {
  if (error instanceof UsageError) return true;
  return error instanceof UnderstudyError && error.name === 'INVALID_PARAMS' && error.data.field !== 'dataDir';
}

function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}

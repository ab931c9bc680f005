/** The script that completes `understudy` in fish. */
import { unreachable } from '@understudy/rpc';
import type { CompletedCommand, Values } from './words.ts';

export function fishScript(commands: readonly CompletedCommand[]): string {
  const lines = commands.flatMap(({ name, description, options, argument }) => [
    `complete -c understudy -f -n __fish_use_subcommand -a ${name} -d ${quoted(description)}`,
    ...(argument.kind === 'unknown' ? [] : [`${inCommand(name)} ${suggestions(argument)}`]),
    ...options.map((it) => {
      const value = it.value === undefined ? '' : ` -r ${suggestions(it.value)}`;
      return `${inCommand(name)} -l ${it.name.replace(/^--/, '')}${value} -d ${quoted(it.description)}`;
    }),
  ]);
  return `# fish completion of understudy\ncomplete -c understudy -f\n${lines.join('\n')}\n`;
}

function inCommand(name: string): string {
  return `complete -c understudy -n '__fish_seen_subcommand_from ${name}'`;
}

function suggestions(values: Values): string {
  switch (values.kind) {
    case 'choices':
      return `-f -a ${quoted(values.words.join(' '))}`;
    case 'files':
      return '-F';
    case 'directories':
      return "-f -a '(__fish_complete_directories)'";
    case 'unknown':
      return '-f';
    default:
      return unreachable(values);
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll(/['\\]/g, (sign) => `\\${sign}`)}'`;
}

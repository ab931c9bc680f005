/**
 * Combines the sources of options: the command line, then the environment, then the file of `--config`. The source
 * nearer to the command wins. This is done here for all options of all commands, so that every option can be given in
 * every way.
 */
import { type Command, Option } from 'commander';
import { UsageError } from '../exit.ts';
import { fromFile } from './config-file.ts';
import { fromEnvironment } from './environment.ts';
import type { Setting } from './setting.ts';

/** Attributes of options that exclude each other. The one given nearer to the command wins. */
const EXCLUSIVE: readonly (readonly [string, string])[] = [
  ['seed', 'seeds'],
  ['seed', 'from'],
  ['seeds', 'trace'],
  ['new', 'recover'],
  ['chaos', 'dashboard'],
];

const HELP = `
Options may also be given as variables, such as UNDERSTUDY_MAX_MEMORY for --max-memory (flags: 1 or 0), or in the file
of --config. The command line wins over the environment, and the environment wins over the file.`;

/** Adds `--config`, and makes the command read options from all sources whenever it parses a command line. */
export function takeFromAllSources(command: Command): void {
  command.addOption(new Option('--config <FILE>', 'take options from a JSON file: { "max-memory": 1073741824, ... }'));
  command.addHelpText('after', HELP);
  const parse = command.parseOptions.bind(command);
  command.parseOptions = (argv) => {
    const result = parse(argv);
    if (!result.unknown.some((word) => word === '--help' || word === '-h')) takeSettings(command);
    return result;
  };
}

/** The options that a user may give. Options between processes of this program are hidden. */
export function optionsOf({ options }: Command): readonly Option[] {
  return options.filter(({ hidden }) => !hidden);
}

function takeSettings(command: Command): void {
  const options = optionsOf(command);
  take(command, 'env', fromEnvironment(options, process.env));
  const file: unknown = command.getOptionValue('config');
  const inFile = options.filter((option) => option.attributeName() !== 'config');
  if (typeof file === 'string') take(command, 'config', fromFile(file, inFile));
}

/**
 * Call this for sources nearer to the command first. Throws UsageError if settings of one source contradict each other.
 */
function take(command: Command, source: 'env' | 'config', settings: readonly Setting[]): void {
  const isOpen = (attribute: string) => [undefined, 'default'].includes(command.getOptionValueSource(attribute));
  const open = settings.filter(({ option }) => {
    const attribute = option.attributeName();
    return isOpen(attribute) && othersOf(attribute).every(isOpen);
  });
  const taken = new Map<string, { readonly name: string; readonly value: unknown }>();
  for (const { option, name, read } of open) {
    const attribute = option.attributeName();
    const value = read();
    if (value === undefined) continue;
    const before = taken.get(attribute);
    if (before !== undefined && before.value !== value) throw new UsageError(`${before.name} contradicts ${name}`);
    taken.set(attribute, { name, value });
    command.setOptionValueWithSource(attribute, value, source);
  }
}

function othersOf(attribute: string): readonly string[] {
  return EXCLUSIVE.filter((pair) => pair.includes(attribute)).flatMap((pair) => pair.filter((it) => it !== attribute));
}

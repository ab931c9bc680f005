/** Reads options from the environment: `UNDERSTUDY_` and the option's name in capitals, with underscores. */
import type { Option } from 'commander';
import { UsageError } from '../exit.ts';
import { flagged, nameOf, parsed, type Setting } from './setting.ts';

const PREFIX = 'UNDERSTUDY_';
const FLAGS: Readonly<Record<string, boolean>> = { '1': true, true: true, '0': false, false: false };
/** These apply to a whole local cluster. Any other variable applies only to the command for which it was set. */
const FOR_CHILDREN: readonly string[] = ['UNDERSTUDY_LOG', 'UNDERSTUDY_MAX_MEMORY'];

export function variableOf(option: Option): string {
  return PREFIX + nameOf(option).toUpperCase().replaceAll('-', '_');
}

/** An empty variable counts as absent. */
export function fromEnvironment(options: readonly Option[], environment: NodeJS.ProcessEnv): readonly Setting[] {
  return options.flatMap((option) => {
    const name = variableOf(option);
    const text = environment[name] ?? '';
    const read = () => (option.isBoolean() || option.negate ? flag(option, text, options) : parsed(option, text, name));
    return text === '' ? [] : [{ option, name, read }];
  });
}

/** Whether the text of a variable turns a flag on. */
export function isOn(text: string | undefined): boolean {
  return text !== undefined && Object.hasOwn(FLAGS, text) && FLAGS[text] === true;
}

function flag(option: Option, text: string, options: readonly Option[]): boolean | undefined {
  if (Object.hasOwn(FLAGS, text)) return flagged(option, isOn(text), options);
  throw new UsageError(`${variableOf(option)}: '${text}' is invalid. Expected 1, true, 0 or false.`);
}

/**
 * The environment of a process that `understudy up` starts with options of its own. A variable for `up` itself, such as
 * UNDERSTUDY_DATA, would otherwise be an option of every process that is not given that option.
 */
export function environmentForChild(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const isKept = ([name]: [string, unknown]) => !name.startsWith(PREFIX) || FOR_CHILDREN.includes(name);
  return Object.fromEntries(Object.entries(environment).filter(isKept));
}

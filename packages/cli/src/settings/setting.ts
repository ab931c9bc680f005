/** One option that was given elsewhere than on the command line. The option's own parser checks the value. */
import { InvalidArgumentError, type Option } from 'commander';
import { UsageError } from '../exit.ts';

export interface Setting {
  readonly option: Option;
  /** What a complaint calls it, such as UNDERSTUDY_MAX_MEMORY. */
  readonly name: string;
  /** Reads the value; undefined: as if it were not given. Throws UsageError, which begins with the name. */
  readonly read: () => unknown;
}

/** As the option is called on the command line, without dashes in front: `max-memory`, `no-dashboard`. */
export function nameOf(option: Option): string {
  return (option.long ?? option.flags).replace(/^--/, '');
}

/** Of an option with a value. Throws UsageError. */
export function parsed({ parseArg }: Option, text: string, name: string): unknown {
  try {
    return parseArg === undefined ? text : parseArg<unknown>(text, undefined);
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    throw new UsageError(`${name}: '${text}' is invalid. ${error.message}`);
  }
}

/** What a flag that is on or off means for its option: `--no-x` turns x off. */
export function flagged(option: Option, isOn: boolean, options: readonly Option[]): boolean | undefined {
  if (!option.negate) return isOn;
  const hasValue = options.some((it) => it !== option && it.attributeName() === option.attributeName() && it.required);
  // Of an option with a value, that it is not turned off does not say which value it has.
  return hasValue && !isOn ? undefined : !isOn;
}

/** One option that was given elsewhere than on the command line. The option's own parser checks the value. */
import { InvalidArgumentError, type Option } from 'commander';
import { UsageError } from '../exit.ts';

export interface Setting {
  readonly option: Option;
  /** Its name in an error, such as UNDERSTUDY_MAX_MEMORY. */
  readonly name: string;
  /** Reads the value. Undefined: as if it were absent. Throws UsageError, which begins with the name. */
  readonly read: () => unknown;
}

/** The option's name on the command line, without the leading dashes: `max-memory`, `no-dashboard`. */
export function nameOf(option: Option): string {
  return (option.long ?? option.flags).replace(/^--/, '');
}

/** Parses an option with a value. Throws UsageError. */
export function parsed({ parseArg }: Option, text: string, name: string): unknown {
  try {
    return parseArg === undefined ? text : parseArg<unknown>(text, undefined);
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    throw new UsageError(`${name}: '${text}' is invalid. ${error.message}`);
  }
}

/** The value of an option given as a flag that is on or off. `--no-x` turns x off. */
export function flagged(option: Option, isOn: boolean, options: readonly Option[]): boolean | undefined {
  if (!option.negate) return isOn;
  const hasValue = options.some((it) => it !== option && it.attributeName() === option.attributeName() && it.required);
  // If an option takes a value, not turning it off does not say which value it has.
  return hasValue && !isOn ? undefined : !isOn;
}

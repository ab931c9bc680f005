/**
 * Refuses unknown options. A misspelt option would otherwise have no effect, silently: with `timeOut: 500` a call would
 * wait for ever. The names are listed in a record, so that the compiler compares them with the type of the options.
 */
import { UnderstudyError } from './failure.ts';
import { nearest } from './nearest.ts';

/** Exactly the names in the options' type. */
export type OptionNames<Options> = Readonly<Record<keyof Required<Options>, true>>;

/**
 * Throws INVALID_PARAMS, which names the option and the one that may be meant. `owner` is the function or class with
 * the options, for example `KVClient`.
 */
export function refuseUnknownOptions(options: object, names: Readonly<Record<string, true>>, owner: string): void {
  for (const name in options) if (!Object.hasOwn(names, name)) refuse(options, name, names, owner);
}

/** An option set to undefined counts as left out. */
function refuse(options: object, field: string, names: Readonly<Record<string, true>>, owner: string): void {
  if ((options as Readonly<Record<string, unknown>>)[field] === undefined) return;
  const shown = field.slice(0, MOST_SHOWN);
  const meant = nearest(shown, Object.keys(names));
  const hint = meant === undefined ? `its options are ${Object.keys(names).join(', ')}` : `did you mean ${meant}?`;
  throw new UnderstudyError('INVALID_PARAMS', `${owner} has no option ${shown}; ${hint}`, { data: { field: shown } });
}

const MOST_SHOWN = 40;

/** Host names that a user allows for HTTP requests, besides those that a listener knows by itself. */
import { UnderstudyError } from './failure.ts';

const MAX_NAME = 253;

/** Checks the option `allowHosts`. Throws INVALID_PARAMS if one of its names is not valid. */
export function hostNamesOf(names: unknown): readonly string[] {
  if (names === undefined) return [];
  if (Array.isArray(names) && names.every(isHostName)) return names;
  const message = 'allowHosts must be a list of host names, each without scheme and port';
  throw new UnderstudyError('INVALID_PARAMS', message, { data: { field: 'allowHosts' } });
}

/** Letters, digits, hyphens and underscores, separated by dots. */
export function isHostName(name: unknown): name is string {
  return typeof name === 'string' && name.length <= MAX_NAME && /^[\w-]+(\.[\w-]+)*\.?$/.test(name);
}

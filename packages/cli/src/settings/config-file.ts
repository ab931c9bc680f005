/**
 * Reads options from the file of `--config`: a JSON object. Its keys are the names of options on the command line,
 * without the leading dashes. A key that is not an option of the command is refused, so that a misspelt option is never
 * ignored.
 */
import { readFileSync } from 'node:fs';
import { nearest } from '@understudy/rpc';
import type { Option } from 'commander';
import { UsageError } from '../exit.ts';
import { fileFailure } from '../file-failure.ts';
import { ListOption } from '../options.ts';
import { flagged, nameOf, parsed, type Setting } from './setting.ts';

/** Throws UsageError. */
export function fromFile(file: string, options: readonly Option[]): readonly Setting[] {
  const byName = new Map(options.map((option) => [nameOf(option), option]));
  return Object.entries(objectIn(file)).map(([key, value]) => {
    const option = byName.get(key);
    if (option === undefined) throw new UsageError(`${file}: ${unknownKey(key, [...byName.keys()])}`);
    const name = `${file}: ${JSON.stringify(key)}`;
    return { option, name, read: () => valueOf(option, value, name, options) };
  });
}

function objectIn(file: string): object {
  const found = parsedFile(file);
  if (typeof found === 'object' && found !== null && !Array.isArray(found)) return found;
  throw new UsageError(`${file}: expected one JSON object, such as { "listen": "127.0.0.1:7000" }`);
}

function parsedFile(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8').replace(/^\uFEFF/, ''));
  } catch (error) {
    if (error instanceof SyntaxError) throw new UsageError(`${file}: not JSON: ${error.message}`);
    const failure = fileFailure(file, error);
    throw failure === undefined ? error : new UsageError(failure);
  }
}

function unknownKey(key: string, names: readonly string[]): string {
  const meant = nearest(key, names);
  const hint = meant === undefined ? `there are ${names.join(', ')}` : `did you mean "${meant}"?`;
  return `unknown option ${JSON.stringify(key)}; ${hint}`;
}

function valueOf(option: Option, value: unknown, name: string, options: readonly Option[]): unknown {
  if (option.isBoolean() || option.negate) {
    if (typeof value !== 'boolean') throw new UsageError(`${name}: expected true or false, not ${inWords(value)}`);
    return flagged(option, value, options);
  }
  const isList = option instanceof ListOption && isTexts(value);
  if (!isList && typeof value !== 'string' && typeof value !== 'number') {
    throw new UsageError(`${name}: expected a value of --${nameOf(option)}, not ${inWords(value)}`);
  }
  const result = parsed(option, isList ? value.join(',') : String(value), name);
  const expected = typeof result === 'number' ? 'number' : 'string';
  if (isList || typeof value === expected) return result;
  throw new UsageError(`${name}: expected a ${expected}, not ${inWords(value)}`);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every((it) => typeof it === 'string');
}

function inWords(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  return typeof value === 'string' ? `the string ${JSON.stringify(value)}` : String(value);
}

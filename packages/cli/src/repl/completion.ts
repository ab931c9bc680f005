/** Completes a line at the Tab key: command names, and keys that exist. */
import { OPERATIONS } from '../operations/all.ts';
import type { FoundKeys } from './key-finder.ts';
import { COMMAND_NAMES } from './request.ts';
import { asWord, inDoubleQuotes, quoted, type SplitLine, splitLine } from './words.ts';

/** The texts that may replace the end of the line, and that end. */
export type Completion = readonly [candidates: string[], typed: string];

export type FindKeys = (prefix: string) => Promise<FoundKeys>;

/** @param line The line up to the cursor. */
export async function complete(line: string, findKeys: FindKeys): Promise<Completion> {
  if (/^\s*#/.test(line)) return [[], line];
  const split = splitLine(line);
  const { before, typed, raw } = lastWord(line, split);
  const [command] = before;
  if (command === undefined) return commandsFor(raw);
  if (before.length > 1) return [[], raw];
  if (command === 'help') return commandsFor(raw);
  const operation = OPERATIONS.find(({ name }) => name === command);
  if (operation === undefined || raw.startsWith('--')) return [[], raw];
  const isLast = operation.parameters.length === 1;
  return keysFor(raw, await findKeys(typed), isLast ? '' : ' ');
}

interface LastWord {
  readonly before: readonly string[];
  /** The meaning of the word, and its spelling in the line. */
  readonly typed: string;
  readonly raw: string;
}

/** A new word begins after a blank, unless a quote is open. */
function lastWord(line: string, { words, fault }: SplitLine): LastWord {
  const texts = words.map(({ text }) => text);
  const last = words.at(-1);
  const isBehindBlank = fault === undefined && /(^|\s)$/.test(line);
  if (last === undefined || isBehindBlank) return { before: texts, typed: '', raw: '' };
  return { before: texts.slice(0, -1), typed: last.text, raw: last.raw };
}

function commandsFor(raw: string): Completion {
  const names = COMMAND_NAMES.filter((name) => name.startsWith(raw));
  return chosen(names, raw, ' ');
}

/** Uses the quotes that were typed. If none were typed and a key needs them, all keys get quotes. */
function keysFor(raw: string, { keys, last }: FoundKeys, behind: string): Completion {
  const all = last === undefined ? keys : [...keys, last];
  const form = formFor(raw, all);
  return chosen(all.map(form), raw, behind, last !== undefined);
}

function formFor(raw: string, keys: readonly string[]): (key: string) => string {
  const canBeSingle = (key: string) => quoted(key) === `'${key}'` || inDoubleQuotes(key) === `"${key}"`;
  if (raw.startsWith("'") && keys.every((key) => !key.includes("'") && canBeSingle(key))) return (key) => `'${key}'`;
  const isBare = !raw.startsWith('"') && !raw.startsWith("'") && keys.every((key) => asWord(key) === key);
  return isBare ? (key) => key : inDoubleQuotes;
}

/**
 * The only candidate; or the common beginning, if it is longer than what was typed; or all candidates, to be listed.
 */
function chosen(forms: readonly string[], raw: string, behind: string, thereAreMore = false): Completion {
  const [first] = forms;
  if (first === undefined) return [[], raw];
  if (forms.length === 1) return [[`${first}${behind}`], raw];
  const common = commonBeginning(forms);
  const isProgress = common.length > raw.length || (common !== '' && !raw.startsWith(common));
  if (isProgress) return [[common], raw];
  return [thereAreMore ? [...forms.slice(0, -1), '...', ...forms.slice(-1)] : [...forms], raw];
}

/** In whole characters. */
function commonBeginning(texts: readonly string[]): string {
  const [first = '', ...others] = texts;
  let common = '';
  for (const char of first) {
    const longer = common + char;
    if (!others.every((text) => text.startsWith(longer))) break;
    common = longer;
  }
  return common;
}

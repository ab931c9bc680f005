/** Parses a line into the request that it makes. */
import { nearest } from '@understudy/rpc';
import { InvalidArgumentError } from 'commander';
import { UsageError } from '../exit.ts';
import { OPERATIONS } from '../operations/all.ts';
import { type Given, type Operation, synopsis } from '../operations/operation.ts';
import { quoted, type Word, wordsOf } from './words.ts';

export type Request =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'operation'; readonly operation: Operation; readonly given: Given }
  | { readonly kind: 'status' }
  | { readonly kind: 'help'; readonly topic?: string }
  | { readonly kind: 'exit' };

/** The commands besides the operations, as `help` lists them. */
export const OWN_COMMANDS: readonly { readonly name: string; readonly synopsis: string; readonly does: string }[] = [
  { name: 'status', synopsis: 'status', does: 'Show the view and every server: role, revision, lag, last ping.' },
  { name: 'help', synopsis: 'help [COMMAND]', does: 'List the commands, or say more about one.' },
  { name: 'exit', synopsis: 'exit', does: 'Leave; so does Ctrl-D.' },
];

export const COMMAND_NAMES: readonly string[] = [...OPERATIONS, ...OWN_COMMANDS].map(({ name }) => name);

/** Throws UsageError that names what is wrong. A line that begins with `#` is a comment. */
export function requestOf(line: string): Request {
  if (/^\s*(#|$)/.test(line)) return { kind: 'nothing' };
  const [first, ...words] = wordsOf(line);
  const name = first?.text ?? '';
  const operation = OPERATIONS.find((it) => it.name === name);
  if (operation !== undefined) return { kind: 'operation', operation, given: givenOf(operation, words) };
  switch (name) {
    case 'status':
      assertCount(words, 0, 'status');
      return { kind: 'status' };
    case 'help':
      return helpOn(words);
    case 'exit':
    case 'quit':
      assertCount(words, 0, 'exit');
      return { kind: 'exit' };
    default:
      throw unknownCommand(name);
  }
}

function helpOn(words: readonly Word[]): Request {
  assertCount(words, 1, 'help [COMMAND]');
  const topic = words[0]?.text;
  if (topic === undefined) return { kind: 'help' };
  if (!COMMAND_NAMES.includes(topic)) throw unknownCommand(topic);
  return { kind: 'help', topic };
}

/** Unquoted words that begin with two dashes are options, up to an unquoted `--`. */
function givenOf(operation: Operation, words: readonly Word[]): Given {
  const usage = synopsis(operation);
  const texts: string[] = [];
  const options: Record<string, string | number> = {};
  let mayBeOption = true;
  for (let at = 0; at < words.length; at += 1) {
    const { text, isQuoted } = words[at] as Word;
    if (!mayBeOption || isQuoted || !text.startsWith('--')) {
      texts.push(text);
    } else if (text === '--') {
      mayBeOption = false;
    } else {
      const { name, value, next } = optionOf(operation, words, at);
      options[name] = value;
      at = next - 1;
    }
  }
  const needed = operation.parameters.filter(({ whenLeftOut }) => whenLeftOut === undefined);
  const missing = needed[texts.length];
  if (missing !== undefined) throw new UsageError(`${operation.name}: ${missing.name} is missing; usage: ${usage}`);
  if (texts.length > operation.parameters.length) throw tooMany(operation.name, usage);
  return { ...options, words: texts };
}

interface Option {
  readonly name: string;
  readonly value: string | number;
  /** The index of the word after it. */
  readonly next: number;
}

/** `--limit 3` and `--limit=3`. */
function optionOf({ name, options }: Operation, words: readonly Word[], at: number): Option {
  const [, option = '', attached] = /^--([^=]*)(?:=(.*))?$/s.exec(words[at]?.text ?? '') ?? [];
  const flag = options.find((it) => it.name === option);
  if (flag === undefined) {
    const value = quoted(`--${option}`);
    throw new UsageError(`${name}: there is no option --${option}; where it is meant as a value, write ${value}`);
  }
  const text = attached ?? words[at + 1]?.text;
  if (text === undefined) throw new UsageError(`${name}: --${option} lacks its ${flag.value}`);
  try {
    return { name: option, value: flag.parse(text), next: at + (attached === undefined ? 2 : 1) };
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    throw new UsageError(`${name}: --${option} ${quoted(text)} is invalid. ${error.message}`);
  }
}

function assertCount(words: readonly Word[], most: number, usage: string): void {
  if (words.length > most) throw tooMany(usage.split(' ')[0] ?? '', usage);
}

function tooMany(name: string, usage: string): UsageError {
  const hint = usage.includes(' ') ? '; a value with blanks goes in quotes' : '';
  return new UsageError(`${name}: too many words${hint}; usage: ${usage}`);
}

function unknownCommand(name: string): UsageError {
  const meant = nearest(name, COMMAND_NAMES);
  const hint = meant === undefined ? '`help` lists the commands' : `did you mean ${meant}?`;
  return new UsageError(`there is no command ${quoted(name.slice(0, 40))}; ${hint}`);
}

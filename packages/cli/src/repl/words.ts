/**
 * Splits a line into words, which are separated by blanks and quoted if they contain blanks. Also quotes a text so that
 * it can be typed again.
 */
import { UsageError } from '../exit.ts';
import { withEscapes } from '../output/printable.ts';

export interface Word {
  readonly text: string;
  /** The word as it is in the line, with its quotes. */
  readonly raw: string;
  readonly isQuoted: boolean;
}

export interface SplitLine {
  readonly words: readonly Word[];
  /** What is wrong with the last word, if anything is. */
  readonly fault?: string;
}

/**
 * A word that begins with a quote ends with the same quote. Elsewhere quotes and backslashes have no special meaning,
 * so `{"a":1}` and `C:\x` are plain words. JSON escapes work between double quotes, and no escapes between single
 * quotes.
 */
export function splitLine(line: string): SplitLine {
  const words: Word[] = [];
  let rest = line.trimStart();
  while (rest !== '') {
    const { word, fault } = firstWord(rest);
    words.push(word);
    if (fault !== undefined) return { words, fault };
    rest = rest.slice(word.raw.length).trimStart();
  }
  return { words };
}

/** Throws UsageError that says what is wrong. */
export function wordsOf(line: string): readonly Word[] {
  const { words, fault } = splitLine(line);
  if (fault !== undefined) throw new UsageError(fault);
  return words;
}

/**
 * Quotes a text with the kind of quote that needs fewer escapes. The result cannot move the cursor, change the terminal
 * or change the writing direction.
 */
export function quoted(text: string): string {
  const escaped = inDoubleQuotes(text);
  const isPlain = !text.includes("'") && escaped.replaceAll(/\\["\\]/g, '_').length === text.length + 2;
  return isPlain && escaped.length > text.length + 2 ? `'${text}'` : escaped;
}

export function inDoubleQuotes(text: string): string {
  return withEscapes(JSON.stringify(text));
}

/** Unquoted if it would be read as the same word, and otherwise quoted. */
export function asWord(text: string): string {
  return BARE.test(text) ? text : quoted(text);
}

const BARE = /^(?!--|["'])[^\s\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+$/u;

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

interface FirstWord {
  readonly word: Word;
  readonly fault?: string;
}

function firstWord(text: string): FirstWord {
  switch (text[0]) {
    case '"':
      return closed(text, doubleQuoted(text));
    case "'":
      return closed(text, singleQuoted(text));
    default: {
      const raw = /^\S+/.exec(text)?.[0] ?? '';
      return { word: { text: raw, raw, isQuoted: false } };
    }
  }
}

/** What was read of a quoted word, and where it ended: after its closing quote, unless there is a fault. */
interface Quoted {
  readonly text: string;
  readonly end: number;
  readonly fault?: string;
}

/** A quoted word ends at the next blank. */
function closed(line: string, { text, end, fault }: Quoted): FirstWord {
  const word = { text, raw: line.slice(0, end), isQuoted: true };
  if (fault !== undefined) return { word, fault };
  const next = line[end];
  if (next === undefined || /\s/.test(next)) return { word };
  return { word, fault: `a blank is missing after the closing quote of ${excerpt(word.raw)}` };
}

function singleQuoted(line: string): Quoted {
  const end = line.indexOf("'", 1);
  if (end === -1) return { text: line.slice(1), end: line.length, fault: neverClosed(line) };
  return { text: line.slice(1, end), end: end + 1 };
}

function doubleQuoted(line: string): Quoted {
  let text = '';
  for (let at = 1; at < line.length; ) {
    const char = line[at] as string;
    if (char === '"') return { text, end: at + 1 };
    if (char !== '\\') {
      text += char;
      at += 1;
      continue;
    }
    const escape = readEscape(line, at + 1);
    if (escape === undefined) {
      const isCutOff = at + 1 === line.length;
      const fault = isCutOff ? neverClosed(line) : unknownEscape(line.slice(at, at + 2));
      return { text, end: line.length, fault };
    }
    text += escape.text;
    at = escape.end;
  }
  return { text, end: line.length, fault: neverClosed(line) };
}

function readEscape(line: string, at: number): { readonly text: string; readonly end: number } | undefined {
  const known = ESCAPES[line[at] ?? ''];
  if (known !== undefined) return { text: known, end: at + 1 };
  const hex = /^u([0-9a-fA-F]{4})/.exec(line.slice(at, at + 5))?.[1];
  return hex === undefined ? undefined : { text: String.fromCharCode(Number.parseInt(hex, 16)), end: at + 5 };
}

function unknownEscape(escape: string): string {
  return `${escape} means nothing between double quotes; there are \\" \\\\ \\n \\t \\r \\b \\f and \\u with four hex digits`;
}

function neverClosed(raw: string): string {
  return `the quote is never closed: ${excerpt(raw)}`;
}

const EXCERPT = 30;

function excerpt(raw: string): string {
  const chars = [...raw.slice(0, 2 * EXCERPT)];
  return chars.length > EXCERPT ? `${chars.slice(0, EXCERPT).join('')}...` : raw;
}

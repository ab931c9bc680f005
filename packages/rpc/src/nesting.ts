/**
 * How JSON is built: how deep it is nested, how many values and names it has, and how much of it is text that is costly
 * to parse. Text is looked at in one pass and not parsed: 8 MiB of `[[],[],...]` take a second to parse, and 10 ms to
 * look at.
 */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

export interface JsonBounds {
  /** Objects and lists within each other. */
  readonly maxDepth: number;
  /** Values and names, as far as commas, colons and opening brackets tell. */
  readonly maxElements: number;
}

/** What text is over. `outside`: of characters that are in no string. `names`: of characters in names. */
export type Excess = 'depth' | 'elements' | 'outside' | 'names';

/**
 * Characters of numbers, literals, blanks and punctuation together. A number of hundreds of digits takes 10 us to
 * parse: 8 MiB of such numbers took 100 ms.
 */
export const MAX_OUTSIDE_UNITS = 1024 * 1024;
/**
 * Characters of all names together. V8 keeps a table of all names, so a long name takes several times as long as a long
 * value.
 */
export const MAX_NAME_UNITS = 512 * 1024;

/** The bound that JSON text is over, found without parsing it; of two, the one that it passes first. */
export function excessOf(text: string, { maxDepth, maxElements }: JsonBounds): Excess | undefined {
  let depth = 0;
  let elements = 0;
  let strings = 0;
  let inStrings = 0;
  let lastString = 0;
  let inNames = 0;
  for (let at = 0; at < text.length; at++) {
    if (at - inStrings > MAX_OUTSIDE_UNITS) return 'outside';
    switch (text.charCodeAt(at)) {
      case QUOTE: {
        // Between two strings JSON has a comma, a colon or a bracket: where strings are more than these it is no JSON.
        if (++strings > maxElements + 1) return 'elements';
        const end = endOfString(text, at);
        lastString = end - at;
        inStrings += lastString;
        at = end;
        break;
      }
      case OPEN_LIST:
      case OPEN_OBJECT:
        if (++depth > maxDepth) return 'depth';
        if (++elements > maxElements) return 'elements';
        break;
      case CLOSE_LIST:
      case CLOSE_OBJECT:
        depth--;
        break;
      case COLON:
        inNames += lastString;
        if (inNames > MAX_NAME_UNITS) return 'names';
        if (++elements > maxElements) return 'elements';
        break;
      case COMMA:
        if (++elements > maxElements) return 'elements';
        break;
    }
  }
  return undefined;
}

/** Whether a parsed value nests objects and arrays deeper than `maxDepth`; never looks deeper than that. */
export function isValueDeeper(value: unknown, maxDepth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (maxDepth === 0) return true;
  if (Array.isArray(value)) {
    for (const item of value) if (isValueDeeper(item, maxDepth - 1)) return true;
    return false;
  }
  for (const name in value) if (isValueDeeper((value as Record<string, unknown>)[name], maxDepth - 1)) return true;
  return false;
}

/**
 * Where the string ends that starts at `start`. The fast search serves strings without an escaped quote, which are
 * nearly all.
 */
function endOfString(text: string, start: number): number {
  const first = text.indexOf('"', start + 1);
  if (first === -1) return text.length;
  return text.charCodeAt(first - 1) === BACKSLASH ? endOfEscaped(text, start) : first;
}

function endOfEscaped(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) return at;
    if (unit === BACKSLASH) at++;
  }
  return text.length;
}

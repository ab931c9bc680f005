/**
 * Measures JSON text before it is parsed: its nesting depth, the number of its values and names, and how much of its
 * text is costly to parse. One pass over the text is enough. 8 MiB of `[[],[],...]` take a second to parse, and 10 ms
 * to scan.
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
  /** The nesting depth of objects and lists. */
  readonly maxDepth: number;
  /** The most values and names, counted by commas, colons and opening brackets. */
  readonly maxElements: number;
}

/** The bound that a text exceeds. `outside`: characters outside strings. `names`: characters in names. */
export type Excess = 'depth' | 'elements' | 'outside' | 'names';

/**
 * The most characters of numbers, literals, blanks and punctuation together. A number of hundreds of digits takes 10 us
 * to parse; 8 MiB of such numbers took 100 ms.
 */
export const MAX_OUTSIDE_UNITS = 1024 * 1024;
/**
 * The most characters of all names together. V8 keeps a table of all names, so a long name takes several times as long
 * as a long value.
 */
export const MAX_NAME_UNITS = 512 * 1024;

/** Returns the bound that the text exceeds, found without parsing; of two, the one that it exceeds first. */
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
        // In valid JSON there is a comma, a colon or a bracket between two strings. With more strings than these, the
        // text is not JSON.
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

/** Whether a parsed value nests objects and arrays deeper than `maxDepth`. Never looks deeper than that. */
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
 * Returns the end of the string that starts at `start`. The fast search handles strings without an escaped quote, which
 * are nearly all.
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

/** How deep JSON is nested, as text and as a value. */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Whether JSON text nests objects and arrays deeper than `maxDepth`, found without parsing it. */
export function isTextDeeper(text: string, maxDepth: number): boolean {
  if (!hasMoreOpeners(text, maxDepth)) return false;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) at = endOfString(text, at);
    else if (unit === OPEN_LIST || unit === OPEN_OBJECT) depth++;
    else if (unit === CLOSE_LIST || unit === CLOSE_OBJECT) depth--;
    if (depth > maxDepth) return true;
  }
  return false;
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

/** Cheap, and settles it for most text: what has no more openers cannot be nested deeper. */
function hasMoreOpeners(text: string, count: number): boolean {
  let left = count;
  for (const opener of ['{', '[']) {
    for (let at = text.indexOf(opener); at !== -1; at = text.indexOf(opener, at + 1)) if (left-- === 0) return true;
  }
  return false;
}

/** Where the string ends that starts at `start`: at the first quote after an even number of backslashes. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return end;
  }
  return text.length;
}

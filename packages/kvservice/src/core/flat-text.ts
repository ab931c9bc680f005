/**
 * Keeps values that grow by appends small in memory. V8 makes no new text of an append, but a node of a tree (a rope) with
 * some 32 bytes, until code reads the text. A value that grows by single characters would take eight times what is
 * counted (M1). So the text is made flat from time to time: often while it is short, and 64 times while it doubles, which
 * costs little and leaves nodes of at most half the text's own size.
 */

const LEAST_SHIFT = 4;
const SHARE_SHIFT = 6;

/** True if an append that brought the text from one length to the other crossed one of the lengths to flatten at. */
export function needsFlattening(before: number, after: number): boolean {
  const shift = Math.max(LEAST_SHIFT, 31 - Math.clz32(after) - SHARE_SHIFT);
  return before >>> shift !== after >>> shift;
}

/** V8 makes a text flat before it converts it to a number. The number is not used. */
export function flatten(text: string): number {
  return Number(text);
}

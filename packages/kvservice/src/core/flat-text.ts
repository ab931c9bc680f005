/**
 * Keeps values that grow by appends small in memory. V8 does not copy a text to append to it: it makes a node of a tree
 * (a rope), with some 32 bytes, and copies only when code reads the text. A value that grows by single characters would
 * take eight times what is counted (M1). So the state machine flattens such a text from time to time: often while it is
 * short, and 64 times while it doubles. The nodes then take at most half of the text's own size.
 */

const LEAST_SHIFT = 4;
const SHARE_SHIFT = 6;

/** True if an append that brought the text from one length to the other crossed one of the lengths to flatten at. */
export function needsFlattening(before: number, after: number): boolean {
  const shift = Math.max(LEAST_SHIFT, 31 - Math.clz32(after) - SHARE_SHIFT);
  return before >>> shift !== after >>> shift;
}

/** V8 flattens a text before it converts it to a number. The caller ignores the number. */
export function flatten(text: string): number {
  return Number(text);
}

/**
 * About how much memory a key and its value take (M1). The count is taken when they change, never by looking at all of
 * them. Every unit of text counts as two bytes: to find out which texts take one would read the whole value, and each
 * append to a large value would copy it.
 */

/** About how many bytes a key takes beside its texts: its place in the tree, its record, and what the collector leaves for a while. */
const CELL_BYTES = 200;

/** About how many bytes a key and its value take. */
export function cellBytes(key: string, value: string): number {
  return CELL_BYTES + 2 * (key.length + value.length);
}

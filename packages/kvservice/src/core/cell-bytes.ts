/** About how much memory a key and its value take: counted when they change, and never by looking at all of them (M1). */

/** About how many bytes a key takes beside its texts: its place in the tree, its record, and what the collector leaves for a while. */
const CELL_BYTES = 200;
/** Texts of one byte a character are kept so; to find out is worth it for long ones only. */
const LONG_UNITS = 256;

/** About how many bytes a key and its value take. */
export function cellBytes(key: string, value: string): number {
  return CELL_BYTES + 2 * key.length + textBytes(value);
}

function textBytes(text: string): number {
  const atMost = 2 * text.length;
  return text.length <= LONG_UNITS ? atMost : Math.min(atMost, Buffer.byteLength(text));
}

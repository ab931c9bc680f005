/**
 * The approximate memory of a key and its value (M1).
 *
 * The size is computed when they change, never by a scan of all keys. Every UTF-16 unit counts as two bytes. Finding
 * out which texts take one byte per unit would read the whole value, and each append to a large value would copy it.
 */

/**
 * The approximate bytes of a key besides its texts: its place in the tree, its record, and garbage that is not
 * collected yet.
 */
const CELL_BYTES = 200;

/** The approximate bytes of a key and its value. */
export function cellBytes(key: string, value: string): number {
  return CELL_BYTES + 2 * (key.length + value.length);
}

/** FNV-1a, 32 bits, over UTF-8: the hash of the lab's PutHash. */

/** An unsigned 32-bit number. Source: Fowler, Noll, Vo; draft-eastlake-fnv. */
export function fnv1a32(text: string): number {
  let hash = OFFSET_BASIS;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, PRIME);
  return hash >>> 0;
}

const OFFSET_BASIS = 0x811c9dc5;
const PRIME = 0x01000193;

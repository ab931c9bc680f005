/** FNV-1a, 32 bits, over UTF-8: the hash of the lab's PutHash. */

/** An unsigned 32-bit number. Source: Fowler, Noll, Vo; draft-eastlake-fnv. */
export function fnv1a32(text: string): number {
  const bytes = new TextEncoder().encode(text);
  let hash = OFFSET_BASIS;
  // By index: an iterator takes ten times as long, and a value has up to a million bytes.
  for (let at = 0; at < bytes.length; at++) hash = Math.imul(hash ^ (bytes[at] as number), PRIME);
  return hash >>> 0;
}

const OFFSET_BASIS = 0x811c9dc5;
const PRIME = 0x01000193;

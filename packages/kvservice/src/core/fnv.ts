/** The FNV-1a hash with 32 bits. Source: Fowler, Noll, Vo; draft-eastlake-fnv. */

/** Hashes the UTF-8 bytes of the text, as the lab's PutHash does. Returns an unsigned 32-bit number. */
export function fnv1a32(text: string): number {
  const bytes = new TextEncoder().encode(text);
  let hash = OFFSET_BASIS;
  // Indexed access: an iterator takes ten times as long, and a value has up to a million bytes.
  for (let at = 0; at < bytes.length; at++) hash = Math.imul(hash ^ (bytes[at] as number), PRIME);
  return hash >>> 0;
}

/**
 * Hashes the UTF-16 units of the text, which needs no copy of it. Returns a signed 32-bit number. `before` is the hash
 * of preceding text.
 */
export function fnvOfUnits(text: string, before = OFFSET_BASIS): number {
  let hash = before;
  for (let at = 0; at < text.length; at++) hash = fnvOfUnit(hash, text.charCodeAt(at));
  return hash;
}

export function fnvOfUnit(before: number, unit: number): number {
  return Math.imul(before ^ unit, PRIME);
}

export const OFFSET_BASIS = 0x811c9dc5;
const PRIME = 0x01000193;

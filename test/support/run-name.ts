/** Incarnations for tests that send messages: what comes over the wire must be a UUID version 7 (V11). */

/** A UUID of a short name. Two of them compare as the names do. */
export function runName(name: string): string {
  const hex = Buffer.from(name).toString('hex').padEnd(12, '0');
  if (hex.length > 12) throw new Error(`${name} is longer than 6 bytes`);
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}

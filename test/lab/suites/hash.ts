/** The lab's hash, written down anew: 32-bit FNV-1a over UTF-8, in decimal. */
export function fnv1a(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return String(hash);
}

/** CRC-32C (Castagnoli), the checksum of LevelDB's files (RFC 3720, appendix B.4). */

const POLYNOMIAL = 0x82f63b78;

const TABLE: Uint32Array = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 ? POLYNOMIAL : 0);
  return remainder;
});

/** Returns an unsigned 32-bit integer. */
export function crc32c(bytes: Uint8Array): number {
  let remainder = 0xffffffff;
  for (let at = 0; at < bytes.length; at++) {
    remainder = (remainder >>> 8) ^ (TABLE[(remainder ^ (bytes[at] as number)) & 0xff] as number);
  }
  return (remainder ^ 0xffffffff) >>> 0;
}

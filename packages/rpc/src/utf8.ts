/**
 * Bytes of UTF-8 to text. Node's own `toString('utf8')` decodes large text that is not all ASCII slowly (8 MiB take 35
 * ms), so such text goes by way of UTF-16, which takes 3 ms.
 */
import { isAscii, isUtf8, transcode } from 'node:buffer';

/** Below this the detour costs more than it saves. */
const LARGE_BYTES = 64 * 1024;

/** Undefined: the bytes are not UTF-8. */
export function utf8Text(bytes: Buffer): string | undefined {
  if (!isUtf8(bytes)) return undefined;
  if (bytes.length < LARGE_BYTES || isAscii(bytes)) return bytes.toString('utf8');
  return transcode(bytes, 'utf8', 'utf16le').toString('utf16le');
}

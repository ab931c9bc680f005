/**
 * Checks LevelDB's write-ahead log for damage. LevelDB itself reads it leniently: it skips what it cannot read, without
 * any report.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32c } from './crc32c.ts';

/**
 * The format (LevelDB, doc/log_format.md): blocks of this size, filled with fragments of checksum (4 bytes), length
 * (2), type (1) and payload.
 */
const BLOCK = 32_768;
const HEADER = 7;
const [FULL, FIRST, LAST] = [1, 2, 4];

/**
 * A batch starts with a sequence number (8 bytes) and a count (4). Then comes its first change, which has this type if
 * it is a put.
 */
const FIRST_CHANGE_AT = 12;
const PUT = 1;

/** Returns what is wrong with the logs of a store; "" if nothing is. Fails with the error of the file system. */
export async function findLogDamage(directory: string): Promise<string> {
  const logs = (await readdir(directory)).filter((name) => /^\d+\.log$/.test(name));
  for (const name of logs) {
    const path = join(directory, name);
    const bytes = await readFile(path).catch(ignoreAbsence);
    // A process that has the store open deletes logs. LevelDB itself finds out whether one has it open.
    if (bytes !== undefined && isDamaged(bytes)) return `a write in ${path} cannot be read`;
  }
  return '';
}

/**
 * Whether a log is damaged. Its end may be torn by a power failure during the last write. All earlier writes had been
 * synced, each before the next began, so two complete writes after an unreadable place show that this place was intact
 * before. (Writes of deletions alone show nothing, because clearing a range is not synced.)
 */
export function isDamaged(log: Uint8Array): boolean {
  let unreadable = false;
  let writesBehind = 0;
  for (let start = 0; start < log.length; start += BLOCK) {
    const block = log.subarray(start, start + BLOCK);
    for (let at = 0; at + HEADER <= block.length; ) {
      const size = fragmentSize(block, at);
      if (size === 0) {
        unreadable = true;
        at++; // The length is not reliable, so the next fragment may begin anywhere.
        continue;
      }
      if (unreadable && startsWithPut(block.subarray(at, at + size))) writesBehind++;
      at += size;
    }
  }
  return writesBehind > 1;
}

/** The size of the fragment that starts here; 0 if there is none. */
function fragmentSize(block: Uint8Array, at: number): number {
  const type = block[at + 6] ?? 0;
  if (type < FULL || type > LAST) return 0;
  const size = HEADER + (block[at + 4] ?? 0) + (block[at + 5] ?? 0) * 256;
  if (at + size > block.length) return 0;
  const checksum = new DataView(block.buffer, block.byteOffset + at, 4).getUint32(0, true);
  return unmask(checksum) === crc32c(block.subarray(at + HEADER - 1, at + size)) ? size : 0;
}

function startsWithPut(fragment: Uint8Array): boolean {
  const type = fragment[HEADER - 1];
  return (type === FULL || type === FIRST) && fragment[HEADER + FIRST_CHANGE_AT] === PUT;
}

/** Decodes a checksum, which is stored rotated and shifted. */
function unmask(masked: number): number {
  const rotated = (masked - 0xa282ead8) >>> 0;
  return ((rotated >>> 17) | (rotated << 15)) >>> 0;
}

function ignoreAbsence(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

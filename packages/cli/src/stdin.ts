/** Reads a value from stdin, for `put KEY -`. */
import { CommandFailure } from './exit.ts';

/** Far more than any value may have. Longer input is refused here, before it fills the memory. */
const MOST_BYTES = 64 * 2 ** 20;

/**
 * Returns all of stdin unchanged, including the last newline. Rejects with CommandFailure if it is not UTF-8, or
 * endless.
 */
export async function readStdin(): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of process.stdin) {
    chunks.push(chunk as Buffer);
    bytes += (chunk as Buffer).length;
    if (bytes > MOST_BYTES) throw new CommandFailure(`stdin: more than ${MOST_BYTES} bytes; nothing was written`);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(chunks));
  } catch {
    throw new CommandFailure('stdin: the value is not UTF-8; nothing was written');
  }
}

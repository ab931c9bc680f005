/** Reads the file of a backup, and knows at its end whether it is whole. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { CommandFailure } from '../exit.ts';
import { type Header, type Pair, readHeader, readPair, readTrailer, type Trailer } from './format.ts';

/** Reads all of it. Rejects with CommandFailure where it is not whole, not what was written, or no backup at all. */
export async function verifyBackup(file: string): Promise<Header> {
  let header: Header | undefined;
  for await (const _ of pairsOf(file, (found) => {
    header = found;
  })) {
  }
  if (header === undefined) throw new CommandFailure(`${file} is no backup of this service`);
  return header;
}

/** Every pair in the order of the file; fails at the end, or before, where `verifyBackup` would. */
export async function* pairsOf(file: string, onHeader: (header: Header) => void = () => {}): AsyncGenerator<Pair> {
  const hash = createHash('sha256');
  let keys = 0;
  let isBegun = false;
  let trailer: Trailer | undefined;
  for await (const line of linesOf(file)) {
    if (trailer !== undefined) throw altered(file, 'there is something behind its end');
    if (!isBegun) onHeader(readHeader(file, line));
    else {
      const pair = readPair(line);
      if (pair === undefined) {
        trailer = readTrailer(line);
        if (trailer === undefined) throw altered(file, `line ${keys + 2} is no key and value`);
        continue;
      }
      keys += 1;
      yield pair;
    }
    isBegun = true;
    hash.update(`${line}\n`);
  }
  if (!isBegun) throw new CommandFailure(`${file} is no backup of this service: it is empty`);
  if (trailer === undefined) throw new CommandFailure(`${file} is cut off: its end is missing`);
  if (trailer.sha256 !== hash.digest('hex') || trailer.keys !== keys) {
    throw altered(file, 'the checksum at its end does not fit');
  }
}

function altered(file: string, why: string): CommandFailure {
  return new CommandFailure(`${file} was altered: ${why}`);
}

/** A last line without its end is cut off, and left out. */
async function* linesOf(file: string): AsyncGenerator<string> {
  const parts: string[] = [];
  for await (const chunk of createReadStream(file, 'utf8')) {
    const pieces = String(chunk).split('\n');
    const rest = pieces.pop() ?? '';
    for (const piece of pieces) {
      parts.push(piece);
      yield parts.splice(0).join('');
    }
    parts.push(rest);
  }
}

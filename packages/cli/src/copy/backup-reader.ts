/** Reads a backup file, and knows at its end whether the file is complete. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { CommandFailure } from '../exit.ts';
import { kindOf } from '../file-failure.ts';
import {
  altered,
  type Header,
  noHeader,
  type Pair,
  readHeader,
  readPair,
  readTrailer,
  type Trailer,
} from './format.ts';

export interface Backup {
  readonly header: Header;
  /** The pairs in the order of the file, to be read once. The iteration fails where `verifyBackup` would. */
  readonly pairs: AsyncIterable<Pair>;
}

/** Reads the whole file. Rejects with CommandFailure if it is incomplete, was changed, or is no backup. */
export async function verifyBackup(file: string): Promise<Header> {
  const found = await stat(file);
  if (!found.isFile()) {
    throw new CommandFailure(`${file} is a ${kindOf(found)}: a backup is read twice, so it must be a regular file`);
  }
  const { header, pairs } = await openBackup(file);
  for await (const _ of pairs);
  return header;
}

/** Reads the first line. Rejects with CommandFailure if it begins no backup that this version can read. */
export async function openBackup(file: string): Promise<Backup> {
  const lines = linesOf(file);
  const first = await lines.next();
  if (first.done === true) throw noHeader(file, first.value);
  return { header: readHeader(file, first.value), pairs: pairsOf(file, first.value, lines) };
}

async function* pairsOf(file: string, first: string, lines: AsyncIterable<string>): AsyncGenerator<Pair> {
  const hash = createHash('sha256').update(`${first}\n`);
  let keys = 0;
  let trailer: Trailer | undefined;
  for await (const line of lines) {
    if (trailer !== undefined) throw altered(file, 'there is something behind its end');
    const pair = readPair(line);
    if (pair === undefined) {
      trailer = readTrailer(line);
      if (trailer === undefined) throw altered(file, `line ${keys + 2} is no key and value`);
      continue;
    }
    keys += 1;
    yield pair;
    hash.update(`${line}\n`);
  }
  if (trailer === undefined) throw new CommandFailure(`${file} is cut off: its end is missing`);
  if (trailer.sha256 !== hash.digest('hex') || trailer.keys !== keys) {
    throw altered(file, 'the checksum at its end does not fit');
  }
}

/**
 * UTF-16 units of one line: the greatest value that a server may be configured to take, with every unit escaped. Node's
 * own bound is 512 Mi.
 */
const MOST_UNITS = 256 * 2 ** 20;

/** A last line without a newline was cut off. It is not yielded as a line, but returned at the end. */
async function* linesOf(file: string): AsyncGenerator<string, string> {
  const parts: string[] = [];
  let units = 0;
  for await (const chunk of createReadStream(file, 'utf8')) {
    const pieces = String(chunk).split('\n');
    const rest = pieces.pop() ?? '';
    for (const piece of pieces) {
      units = 0;
      parts.push(piece);
      yield parts.splice(0).join('');
    }
    parts.push(rest);
    units += rest.length;
    if (units > MOST_UNITS) throw altered(file, 'a line of it is longer than any key and value');
  }
  return parts.join('');
}

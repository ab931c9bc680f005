/**
 * The format of a backup file: JSON, one value per line. A header comes first, then each key in order, and at the end
 * the SHA-256 of all lines before.
 */
import { fields, type Params, UnderstudyError } from '@understudy/rpc';
import { CommandFailure } from '../exit.ts';

export const FORMAT = 'understudy-backup';
export const VERSION = 1;

/** The first characters of every backup. */
const BEGINNING = `{"format":"${FORMAT}"`;
/** The first characters of a gzip file, read as UTF-8. */
const GZIP = '\u001f\ufffd';

export interface Header {
  readonly format: typeof FORMAT;
  readonly version: number;
  /** The revision of the copied moment. */
  readonly revision: number;
  readonly keys: number;
  /** The time of that moment, as ISO 8601. */
  readonly taken: string;
}

export interface Pair {
  readonly key: string;
  readonly value: string;
}

export interface Trailer {
  readonly keys: number;
  readonly sha256: string;
}

/** Throws CommandFailure if `line` begins no backup that this version can read. */
export function readHeader(file: string, line: string): Header {
  const given = parse(line);
  if (given?.format !== FORMAT) throw noBackup(file, line);
  if (!Number.isSafeInteger(given.version)) throw altered(file, 'its first line does not say which format it has');
  if (given.version !== VERSION) {
    throw new CommandFailure(`${file} has format ${given.version}, and this version reads ${VERSION}`);
  }
  const header = readAs<Header>(line, (it) => ({
    format: FORMAT,
    version: VERSION,
    revision: fields.whole(it, 'revision'),
    keys: fields.whole(it, 'keys'),
    taken: fields.text(it, 'taken'),
  }));
  if (header === undefined) throw altered(file, 'its first line does not say of which moment it is');
  return header;
}

/** The reason to refuse a file without a complete first line. */
export function noHeader(file: string, text: string): CommandFailure {
  if (text === '') return new CommandFailure(`${file} is no backup of this service: it is empty`);
  const isBeginning = text.startsWith(BEGINNING) || BEGINNING.startsWith(text);
  return isBeginning ? new CommandFailure(`${file} is cut off: its first line has no end`) : noBackup(file, text);
}

/** Undefined if the line is something else. */
export function readPair(line: string): Pair | undefined {
  return readAs(line, (given) => ({
    key: fields.text(given, 'key', { nonEmpty: true }),
    value: fields.text(given, 'value'),
  }));
}

/** Undefined if the line is something else. */
export function readTrailer(line: string): Trailer | undefined {
  return readAs(line, (given) => ({ keys: fields.whole(given, 'keys'), sha256: fields.text(given, 'sha256') }));
}

export function altered(file: string, why: string): CommandFailure {
  return new CommandFailure(`${file} was altered: ${why}`);
}

function noBackup(file: string, text: string): CommandFailure {
  const why = text.startsWith(GZIP) ? ': it is compressed, and has to be uncompressed first (gunzip)' : '';
  return new CommandFailure(`${file} is no backup of this service${why}`);
}

function readAs<T>(line: string, read: (given: Params) => T): T | undefined {
  const given = parse(line);
  if (given === undefined) return undefined;
  try {
    return read(given);
  } catch (error) {
    if (error instanceof UnderstudyError) return undefined;
    throw error;
  }
}

function parse(line: string): Params | undefined {
  try {
    return fields.object({ line: JSON.parse(line) }, 'line');
  } catch {
    return undefined;
  }
}

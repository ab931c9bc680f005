/**
 * The history of earlier sessions: a file with one line each, readable only by the user. Any number of prompts may
 * append to it.
 */
import {
  appendFileSync,
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';

/** The number of lines kept. The file may grow to twice as many before it is cut. */
export const KEPT_LINES = 1_000;
/** A longer line is not kept, because it is a value more than a command. */
const LONGEST_LINE = 2_000;
/** Bytes. A larger file was not written here. */
const LARGEST_FILE = 2 * KEPT_LINES * LONGEST_LINE * 4;

/** No other user may read the lines, because values may be secrets. */
const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;

/** The default path of the history (XDG Base Directory Specification). Undefined: there is no home directory. */
export function historyPath(environment: NodeJS.ProcessEnv): string | undefined {
  const { XDG_STATE_HOME: state = '', HOME: home = '' } = environment;
  // The specification says to ignore relative paths.
  const folder = isAbsolute(state) ? state : home === '' ? undefined : join(home, '.local', 'state');
  return folder === undefined ? undefined : join(folder, 'understudy', 'repl_history');
}

export class History {
  readonly #path: string | undefined;
  readonly #tell: (trouble: string) => void;
  #isOver: boolean;
  #newest: string | undefined;

  /**
   * @param path Undefined: nothing is kept.
   * @param tell Takes one sentence, once, if the history cannot be kept. Nothing more is tried then.
   */
  constructor(path: string | undefined, tell: (trouble: string) => void) {
    this.#path = path;
    this.#tell = tell;
    this.#isOver = path === undefined;
  }

  /** The newest line first. Cuts the file if it has become too long. */
  load(): string[] {
    let kept: string[] = [];
    this.#attempt((path) => {
      makeReady(path);
      const lines = readFileSync(path, 'utf8').split('\n').filter(isWorthKeeping);
      kept = lines.slice(-KEPT_LINES);
      if (lines.length > 2 * KEPT_LINES) replace(path, kept);
    });
    this.#newest = kept.at(-1);
    return kept.reverse();
  }

  /** A line that begins with a blank, or that equals the previous one, is not kept. */
  add(line: string): void {
    if (!isWorthKeeping(line) || line === this.#newest) return;
    this.#newest = line;
    this.#attempt((path) => appendFileSync(path, `${line}\n`, { mode: FILE_MODE }));
  }

  #attempt(action: (path: string) => void): void {
    if (this.#isOver || this.#path === undefined) return;
    try {
      action(this.#path);
    } catch (error) {
      this.#isOver = true;
      this.#tell(`no history is kept: ${(error as Error).message}`);
    }
  }
}

/** Ensures that the file exists, is a regular file, and is accessible only by the user. */
function makeReady(path: string): void {
  makeDirectory(dirname(path));
  const found = statSync(path, { throwIfNoEntry: false });
  // Opening something else, such as a pipe, might wait forever.
  if (found !== undefined && !found.isFile()) throw new Error(`${path} is not a file`);
  if (found !== undefined && found.size > LARGEST_FILE) throw new Error(`${path} is too large for a history`);
  closeSync(openSync(path, 'a', FILE_MODE));
  if (found !== undefined && (found.mode & 0o077) !== 0) chmodSync(path, FILE_MODE);
}

/**
 * Creates the directory and its parents, step by step: Node's `recursive` never ends on a file system without
 * directories, such as /proc.
 */
function makeDirectory(path: string): void {
  if (statSync(path, { throwIfNoEntry: false }) !== undefined) return;
  makeDirectory(dirname(path));
  mkdirSync(path, { mode: DIRECTORY_MODE });
}

/** A reader finds the old file or the new one, never a part of one. */
function replace(path: string, lines: readonly string[]): void {
  const next = `${path}.${process.pid}`;
  try {
    writeFileSync(next, lines.map((line) => `${line}\n`).join(''), { mode: FILE_MODE });
    renameSync(next, path);
  } catch (error) {
    try {
      unlinkSync(next);
    } catch {
      // The file was not created.
    }
    throw error;
  }
}

function isWorthKeeping(line: string): boolean {
  return line.length <= LONGEST_LINE && !/^\s|^$|\p{Cc}/u.test(line);
}

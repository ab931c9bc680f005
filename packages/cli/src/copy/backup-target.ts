/** Where a backup is to be: a regular file, or a name that is free. */
import { lstat, realpath, stat } from 'node:fs/promises';
import { CommandFailure, UsageError } from '../exit.ts';
import { fileFailure, kindOf } from '../file-failure.ts';

/** The path to write, with symbolic links followed. Rejects with a sentence where nothing may be written there. */
export async function targetOf(file: string, mayReplace: boolean): Promise<string> {
  if (file === '-') throw new UsageError('a backup goes to a file, not to stdout: name one (./- where it is called -)');
  if (!(await isTaken(file))) return file;
  const found = await stat(file).catch((error: unknown) => fail(file, error));
  if (!found.isFile()) {
    throw new CommandFailure(`${file} is a ${kindOf(found)}: a backup is a regular file, give the name of one`);
  }
  if (!mayReplace) throw new CommandFailure(`${file} is there already: give another name, or --force to replace it`);
  return realpath(file);
}

/** Also by a symbolic link that leads nowhere. */
async function isTaken(file: string): Promise<boolean> {
  try {
    await lstat(file);
    return true;
  } catch {
    // What keeps it from being looked at keeps it from being written, and is told then.
    return false;
  }
}

function fail(file: string, error: unknown): never {
  const failure = fileFailure(file, error);
  if (failure === undefined) throw error;
  throw new CommandFailure(failure);
}

/** Checks where a backup is to be written: to a regular file, or under a name that is free. */
import { lstat, realpath, stat } from 'node:fs/promises';
import { CommandFailure, UsageError } from '../exit.ts';
import { fileFailure, kindOf } from '../file-failure.ts';

/**
 * The path to write, with symbolic links followed. Rejects, with a message for the user, if nothing may be written
 * there.
 */
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

/** A symbolic link that leads nowhere counts too. */
async function isTaken(file: string): Promise<boolean> {
  try {
    await lstat(file);
    return true;
  } catch {
    // If the name cannot be inspected, it cannot be written either, and the write reports why.
    return false;
  }
}

function fail(file: string, error: unknown): never {
  const failure = fileFailure(file, error);
  if (failure === undefined) throw error;
  throw new CommandFailure(failure);
}

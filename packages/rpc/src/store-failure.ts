/** Converts errors of LevelDB and the file system to failures that name the directory and the reason. */
import { UnderstudyError } from './failure.ts';

/** The failure for a directory that could not be opened. */
export function openingFailure(directory: string, error: unknown): UnderstudyError {
  if (error instanceof UnderstudyError) return error;
  if (isLocked(error)) return inUse(directory);
  return isDamage(rootOf(error)) ? damaged(directory, reasonOf(error), error) : failed(directory, error);
}

/** The failure for an open store that could not be read. */
export function readingFailure(directory: string, error: unknown): UnderstudyError {
  const { code, message } = rootOf(error);
  if (code === 'LEVEL_ITERATOR_NOT_OPEN' || code === 'LEVEL_DATABASE_NOT_OPEN') return closed(directory);
  return isDamage({ code, message }) ? damaged(directory, message, error) : failed(directory, error);
}

/** True if the store cannot be opened only because another process has it open. */
export function isLocked(error: unknown): boolean {
  return rootOf(error).code === 'LEVEL_LOCKED';
}

export function inUse(directory: string): UnderstudyError {
  return new UnderstudyError('STORE_IN_USE', `${directory} is in use by another process`);
}

export function damaged(directory: string, reason: string, cause?: unknown): UnderstudyError {
  return new UnderstudyError('STORE_DAMAGED', `${directory} holds no sound store: ${reason}`, { cause });
}

export function foreign(directory: string, what: string): UnderstudyError {
  return new UnderstudyError(
    'STORE_FOREIGN',
    `${directory} ${what}: nothing in it was changed; take another directory`,
  );
}

export function failed(directory: string, error: unknown): UnderstudyError {
  const message = `the disk failed at ${directory}: ${reasonOf(error)}`;
  return new UnderstudyError('STORE_FAILED', message, { cause: error });
}

/** The failure for a store that cannot be used and cannot be moved aside either. */
export function immovable(directory: string, why: string, error: unknown): UnderstudyError {
  const { code } = rootOf(error);
  const remedy = code === 'EBUSY' ? '; a mount point cannot be renamed: take a directory inside it' : '';
  const message = `${why === '' ? '' : `${why}; and `}${directory} cannot be moved out of the way: ${reasonOf(error)}${remedy}`;
  return new UnderstudyError('STORE_FAILED', message, { cause: error });
}

/** The failure for a write that was never tried because an earlier one had failed. */
export function failedBefore(directory: string, first: UnderstudyError): UnderstudyError {
  const message = `not written to ${directory}, where a write failed before: ${first.message}`;
  return new UnderstudyError('STORE_FAILED', message, { definite: true, cause: first });
}

export function closed(directory: string): UnderstudyError {
  return new UnderstudyError('CLOSED', `the store at ${directory} is closed`, { definite: true });
}

interface Root {
  readonly code: string;
  readonly message: string;
}

/** Finds the root cause of "the database is not open". */
function rootOf(error: unknown): Root {
  let root = error;
  while (root instanceof Error && root.cause !== undefined) root = root.cause;
  const message = root instanceof Error ? root.message : String(root);
  return { code: String((root as { readonly code?: unknown } | undefined)?.code ?? ''), message };
}

/**
 * Whether the store is damaged, as opposed to the disk failing. This includes a file that is missing or too short, and
 * one that another program wrote (an error without a code).
 */
function isDamage({ code, message }: Root): boolean {
  if (code === 'LEVEL_IO_ERROR') return /: (No such file or directory|Invalid argument)$/.test(message);
  return code === 'LEVEL_CORRUPTION' || (code === '' && /^(Invalid argument|Not implemented)/.test(message));
}

function reasonOf(error: unknown): string {
  return rootOf(error).message.split('\n')[0] ?? '';
}

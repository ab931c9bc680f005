/** Errors of the file system as messages for the user. They are no defects, and always name the file. */
import type { Stats } from 'node:fs';

/** Undefined if `error` does not come from the file system. */
export function fileFailure(file: string, error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  return `${file}: ${IN_WORDS[error.code] ?? error.message}`;
}

const IN_WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or directory',
  EISDIR: 'it is a directory, and a file is needed',
};

/** The kind of a file, as a noun. */
export function kindOf(stats: Stats): string {
  if (stats.isFile()) return 'regular file';
  if (stats.isDirectory()) return 'directory';
  if (stats.isFIFO()) return 'pipe';
  return stats.isSocket() ? 'socket' : 'device';
}

/** What the file system refuses, in the words of a command: no defect, and never without the file's name. */
import type { Stats } from 'node:fs';

/** Undefined: `error` is none of the file system's. */
export function fileFailure(file: string, error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  return `${file}: ${IN_WORDS[error.code] ?? error.message}`;
}

const IN_WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or directory',
  EISDIR: 'it is a directory, and a file is needed',
};

/** What a path leads to, as a noun. */
export function kindOf(stats: Stats): string {
  if (stats.isFile()) return 'regular file';
  if (stats.isDirectory()) return 'directory';
  if (stats.isFIFO()) return 'pipe';
  return stats.isSocket() ? 'socket' : 'device';
}

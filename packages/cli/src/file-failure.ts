/** What the file system refuses, in the words of a command: no defect, and never without the file's name. */

/** Undefined: `error` is none of the file system's. */
export function fileFailure(file: string, error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  return `${file}: ${error.code === 'ENOENT' ? 'there is no such file or directory' : error.message}`;
}

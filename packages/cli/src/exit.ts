/** How a command ends: its exit codes, and the two errors that carry a sentence for the user. */

export const EXIT = { success: 0, failure: 1, usage: 2 } as const;

/** The command was called wrongly: exit code 2. */
export class UsageError extends Error {}

/** The command could not do its work: exit code 1. */
export class CommandFailure extends Error {
  /** False: a part of the work may have been done. */
  readonly definite: boolean;

  constructor(
    message: string,
    { definite = true, cause }: { readonly definite?: boolean; readonly cause?: unknown } = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.definite = definite;
  }
}

/**
 * Prints failures on stderr: one sentence for people or, with `--json`, one line of JSON for programs. Both are made
 * here from the same error, so that every command has both forms.
 */
import { UnderstudyError } from '@understudy/rpc';
import { CommanderError } from 'commander';
import { CommandFailure, UsageError } from '../exit.ts';
import { messageInFlags } from '../flags.ts';
import { asJson, complain } from '../output.ts';

/** The failure of one operation. The sentence for people contains the outcome; programs get it in a separate field. */
export class OperationFailure extends CommandFailure {
  override readonly cause: UnderstudyError;

  constructor(message: string, cause: UnderstudyError) {
    super(message, { definite: cause.definite });
    this.cause = cause;
  }
}

/**
 * Describes an error for the user. An error that is neither the user's mistake nor a known failure is a defect, so it
 * shows its class.
 */
export function describeError(error: unknown): string {
  if (error instanceof CommandFailure || error instanceof UsageError) return error.message;
  if (error instanceof UnderstudyError) return `${messageInFlags(error)} (${error.name})`;
  if (error instanceof CommanderError) return error.message.replace(/^error: /, '');
  if (error instanceof Error) return `${error.name}: ${error.message}`;
  return String(error);
}

/** What `--json` prints for a failure. `definite`: the operation is definitely not done. */
export function failureObject(error: unknown): object {
  if (error instanceof OperationFailure) return failureObject(error.cause);
  if (error instanceof UnderstudyError) {
    const { name, code, definite, data } = error;
    return { ...data, name, message: messageInFlags(error), definite, code };
  }
  const message = describeError(error);
  if (error instanceof UsageError || error instanceof CommanderError) return { name: 'USAGE', message, definite: true };
  if (!(error instanceof CommandFailure)) return { name: 'INTERNAL_ERROR', message, definite: false };
  const { cause, definite } = error;
  return { ...(cause instanceof UnderstudyError ? failureObject(cause) : { name: 'FAILED' }), message, definite };
}

/** @param more Further fields for programs, such as the line number of a script. */
export function complainOf(error: unknown, options: { readonly json?: boolean }, more: object = {}): void {
  if (options.json !== true) return complain(describeError(error));
  process.stderr.write(`${asJson({ error: { ...failureObject(error), ...more } })}\n`);
}

/** Prints a message that is no failure, while a command continues. */
export function remark(text: string, options: { readonly json?: boolean }): void {
  if (options.json !== true) return complain(text);
  process.stderr.write(`${asJson({ notice: { message: text } })}\n`);
}

/** Combines the failures of several addresses that were asked the same question into one failure. */
import { type Address, UnderstudyError } from '@understudy/rpc';

export interface Failure {
  readonly address: Address;
  readonly error: UnderstudyError;
}

export function together(failures: readonly Failure[]): UnderstudyError {
  const last = failures.at(-1);
  const reasons = failures.map(({ address, error }) => `${address}: ${error.message}`).join('; ');
  return new UnderstudyError(last?.error.name ?? 'UNREACHABLE', `no monitor answered (${reasons})`, {
    definite: failures.every(({ error }) => error.definite),
    cause: last?.error,
  });
}

/** True if another address would give the same answer, so that there is no point in asking it. */
export function isMonitorsAnswer({ name }: UnderstudyError): boolean {
  return ['CONFLICTING_SERVER', 'INVALID_PARAMS', 'TOO_LARGE'].includes(name);
}

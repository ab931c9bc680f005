/** What an operation that must not succeed failed with. */
import { UnderstudyError } from '@understudy/rpc';
import { expect } from 'chai';

export async function failureOf(promise: Promise<unknown>): Promise<UnderstudyError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof UnderstudyError) return error;
    throw error;
  }
  return expect.fail('it was done, and not refused');
}

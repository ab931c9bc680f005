/** A request as a line of text, refused here where every peer would refuse it. */
import { UnderstudyError } from './failure.ts';
import { tooDeep } from './json-text.ts';
import type { Limits } from './limits.ts';
import { isValueDeeper } from './nesting.ts';

export interface NewRequest {
  readonly id: number;
  readonly method: string;
  readonly params: object;
  readonly limits: Limits;
}

export function requestText({ id, method, params, limits }: NewRequest): string {
  const text = `{"jsonrpc":"2.0","id":${id},"method":${JSON.stringify(method)},"params":${paramsText(params)}}\n`;
  if (isValueDeeper(params, limits.maxDepth - 1)) throw tooDeep(limits.maxDepth);
  const { maxRequestBytes } = limits;
  if (text.length * 3 > maxRequestBytes && Buffer.byteLength(text) > maxRequestBytes) {
    throw new UnderstudyError('TOO_LARGE', `a request of more than ${maxRequestBytes} bytes`, {
      data: { maxBytes: maxRequestBytes },
    });
  }
  return text;
}

function paramsText(params: object): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(params);
  } catch (cause) {
    throw new UnderstudyError('INVALID_PARAMS', 'params that JSON cannot hold', { cause });
  }
  if (text === undefined) throw new UnderstudyError('INVALID_PARAMS', 'params that JSON cannot hold');
  return text;
}

/** JSON text of a stranger to a value: bounded in depth, and every failure has a JSON-RPC code. */
import { UnderstudyError } from './failure.ts';
import { isTextDeeper, isValueDeeper } from './nesting.ts';

/** Up to here even the deepest text is parsed within milliseconds, and looking at its value is cheaper than at its text. */
const PARSE_FIRST_LENGTH = 32 * 1024;

/** Made once: a flood of nonsense must not cost a stack trace a line. */
const NOT_JSON = new UnderstudyError('PARSE_ERROR', 'not JSON');

/** PARSE_ERROR where it is not JSON, INVALID_REQUEST where it is nested deeper than `maxDepth`. */
export function parseJson(text: string, maxDepth: number): unknown {
  if (text.length > PARSE_FIRST_LENGTH && isTextDeeper(text, maxDepth)) throw tooDeep(maxDepth);
  const value = parsed(text);
  if (isValueDeeper(value, maxDepth)) throw tooDeep(maxDepth);
  return value;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw NOT_JSON;
  }
}

export function tooDeep(maxDepth: number): UnderstudyError {
  return new UnderstudyError('INVALID_REQUEST', `nested deeper than ${maxDepth}`, { data: { maxDepth } });
}

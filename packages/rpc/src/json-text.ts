/** JSON text of a stranger to a value: bounded in depth and in the number of its parts, and every failure has a JSON-RPC code. */
import { UnderstudyError } from './failure.ts';
import { excessOf, isValueDeeper, type JsonBounds } from './nesting.ts';

/** Up to here even the worst text is parsed within milliseconds, and looking at its value is cheaper than at its text. */
const PARSE_FIRST_LENGTH = 32 * 1024;

/** Made once: a flood of nonsense must not cost a stack trace a line. */
const NOT_JSON = new UnderstudyError('PARSE_ERROR', 'not JSON');

/** PARSE_ERROR where it is not JSON, INVALID_REQUEST where it is nested too deep, TOO_LARGE where it has too many values and names. */
export function parseJson(text: string, bounds: JsonBounds): unknown {
  if (text.length > PARSE_FIRST_LENGTH) refuseExcess(text, bounds);
  const value = parsed(text);
  if (isValueDeeper(value, bounds.maxDepth)) throw tooDeep(bounds.maxDepth);
  return value;
}

function refuseExcess(text: string, bounds: JsonBounds): void {
  const excess = excessOf(text, bounds);
  if (excess === 'depth') throw tooDeep(bounds.maxDepth);
  if (excess === 'elements') throw tooManyElements(bounds.maxElements);
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

export function tooManyElements(maxElements: number): UnderstudyError {
  const message = `more than ${maxElements} values and names`;
  return new UnderstudyError('TOO_LARGE', message, { data: { maxElements } });
}

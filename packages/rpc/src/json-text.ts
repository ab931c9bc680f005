/** Parses JSON from untrusted peers, with bounds on depth and number of parts. Every failure has a JSON-RPC code. */
import { UnderstudyError } from './failure.ts';
import { excessOf, isValueDeeper, type JsonBounds, MAX_NAME_UNITS, MAX_OUTSIDE_UNITS } from './nesting.ts';

/**
 * Up to this length even the worst text is parsed within milliseconds, and checking the parsed value is cheaper than
 * checking the text.
 */
const PARSE_FIRST_LENGTH = 32 * 1024;

/** Created once, so that a flood of malformed input does not cost a stack trace per line. */
const NOT_JSON = new UnderstudyError('PARSE_ERROR', 'not JSON');

/** The bounds of a request. */
export interface RequestBounds extends JsonBounds {
  readonly maxRequestBytes: number;
}

/**
 * As `parseJson`, but a long request may have fewer values and names: parsing a text that is long and has many values
 * took 60 ms.
 */
export function parseRequest(text: string, bounds: RequestBounds): unknown {
  return parseJson(text, boundsFor(text, bounds));
}

/** Throws if a request exceeds the bounds, without parsing it. */
export function refuseRequest(text: string, bounds: RequestBounds): void {
  refuseExcess(text, boundsFor(text, bounds));
}

/**
 * The full number of values and names up to a quarter of the longest request, falling to a quarter of it for the
 * longest one.
 */
function boundsFor(text: string, { maxDepth, maxElements, maxRequestBytes }: RequestBounds): JsonBounds {
  const share = Math.max(0.25, Math.min(1, 1.25 - text.length / maxRequestBytes));
  return { maxDepth, maxElements: Math.floor(maxElements * share) };
}

/**
 * Throws PARSE_ERROR if the text is not JSON, INVALID_REQUEST if it is nested too deep, and TOO_LARGE if it exceeds
 * another bound.
 */
export function parseJson(text: string, bounds: JsonBounds): unknown {
  if (text.length > PARSE_FIRST_LENGTH) {
    refuseExcess(text, bounds); // also checks the depth
    return parsed(text);
  }
  const value = parsed(text);
  if (isValueDeeper(value, bounds.maxDepth)) throw tooDeep(bounds.maxDepth);
  return value;
}

function refuseExcess(text: string, bounds: JsonBounds): void {
  const excess = excessOf(text, bounds);
  if (excess === 'depth') throw tooDeep(bounds.maxDepth);
  if (excess === 'elements') throw tooManyElements(bounds.maxElements);
  if (excess === 'outside') throw tooLarge(`more than ${MAX_OUTSIDE_UNITS} characters outside of strings`);
  if (excess === 'names') throw tooLarge(`more than ${MAX_NAME_UNITS} characters in names`);
}

function tooLarge(message: string): UnderstudyError {
  return new UnderstudyError('TOO_LARGE', message);
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

function tooManyElements(maxElements: number): UnderstudyError {
  const message = `more than ${maxElements} values and names`;
  return new UnderstudyError('TOO_LARGE', message, { data: { maxElements } });
}

/** Mutations of real messages: one part is replaced by a value of another type. */

// The receiver can see that the result is wrong, so it must refuse the whole message. (If a text or a number is
// replaced by another one, the result may be a message that somebody could have sent. Incarnations are the exception.)

type Json = unknown;

export interface Mutation {
  /** The path of the part, such as `entries.0.operations.0.1`. */
  readonly path: string;
  readonly message: Json;
}

/** Values of every JSON type. */
const OTHERS: readonly Json[] = [null, true, -1, 0.5, 'text', '', [], [null], {}, { kind: 'put' }];

/**
 * All mutations, one after the other. Only the first two elements of a list are changed, because the others are alike.
 */
export function* mutationsOf(message: Json, path = ''): Generator<Mutation> {
  for (const other of OTHERS) if (isOfAnotherType(message, other)) yield { path, message: other };
  if (typeof message !== 'object' || message === null) return;
  const keys = Array.isArray(message) ? Object.keys(message).slice(0, 2) : Object.keys(message);
  for (const key of keys) {
    const inner = (message as Record<string, Json>)[key];
    const innerPath = path === '' ? key : `${path}.${key}`;
    for (const mutation of mutationsOf(inner, innerPath)) {
      const copy = (Array.isArray(message) ? [...message] : { ...message }) as Record<string, Json>;
      copy[key] = mutation.message;
      yield { path: mutation.path, message: copy };
    }
    if (isRun(path, key, inner)) yield { path: innerPath, message: { ...message, [key]: 'zzz' } };
  }
}

/** An incarnation: the receiver can see that a text which is no UUID is wrong. */
function isRun(path: string, key: string, value: Json): boolean {
  if (typeof value !== 'string') return false;
  return (path === '' && ['incarnation', 'to'].includes(key)) || /(^|\.)incarnations$/.test(path);
}

/** null may stand for a text, and a list or an object may be empty: such results would be valid messages. */
function isOfAnotherType(original: Json, other: Json): boolean {
  const [one, two] = [typeOf(original), typeOf(other)];
  if (one === 'number' && two === 'number') return true; // no message contains -1 or 0.5
  if (one === 'text' || one === 'null') return two !== 'text' && two !== 'null';
  return one !== two;
}

function typeOf(value: Json): 'null' | 'list' | 'object' | 'text' | 'number' | 'boolean' {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'list';
  if (typeof value === 'string') return 'text';
  return typeof value as 'object' | 'number' | 'boolean';
}

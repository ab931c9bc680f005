/** Mutations of real messages: one part is replaced by something of another type. */

// The result is wrong in a way that its receiver can see, so it must be refused whole. (A text or a number replaced
// by another one may be a message that somebody could have sent. Incarnations are the exception.)

type Json = unknown;

export interface Mutation {
  /** Where, such as `entries.0.operations.0.1`. */
  readonly path: string;
  readonly message: Json;
}

/** Something of every type that JSON has. */
const OTHERS: readonly Json[] = [null, true, -1, 0.5, 'text', '', [], [null], {}, { kind: 'put' }];

/** All of them, one after the other; of a list only the first two elements are changed, as the rest are alike. */
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

/** An incarnation: of all texts, the receiver can see that one that is no UUID is wrong. */
function isRun(path: string, key: string, value: Json): boolean {
  if (typeof value !== 'string') return false;
  return (path === '' && ['incarnation', 'to'].includes(key)) || /(^|\.)incarnations$/.test(path);
}

/** Nothing stands for text where null may, too, and a list or an object may be empty: those would be messages again. */
function isOfAnotherType(original: Json, other: Json): boolean {
  const [one, two] = [typeOf(original), typeOf(other)];
  if (one === 'number' && two === 'number') return true; // -1 and 0.5 are no numbers that a message has
  if (one === 'text' || one === 'null') return two !== 'text' && two !== 'null';
  return one !== two;
}

function typeOf(value: Json): 'null' | 'list' | 'object' | 'text' | 'number' | 'boolean' {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'list';
  if (typeof value === 'string') return 'text';
  return typeof value as 'object' | 'number' | 'boolean';
}

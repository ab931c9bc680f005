/** Reads a history: checks every field that matters, and groups the operations by key. */
import type { History, OperationName, Scalar } from './history.ts';
import type { Action, Operation } from './operation.ts';

/** The history of all keys, in the order in which they first appear. */
export interface ReadHistory {
  readonly init: Scalar;
  /** The only key of a register is ''. */
  readonly keys: ReadonlyMap<string, readonly Operation[]>;
  readonly operations: number;
  /** Of these, operations whose outcome is unknown. */
  readonly unknown: number;
  readonly failed: number;
}

/** The history is malformed. The message names the field: `events[2].return: expected a number, null or "Infinity"`. */
export class HistoryError extends Error {
  override readonly name = 'HistoryError';
}

/**
 * Returns the value itself if it is a history.
 *
 * @throws HistoryError
 */
export function parseHistory(value: unknown): History {
  readHistory(value);
  return value as History;
}

/** @throws HistoryError */
export function readHistory(history: unknown): ReadHistory {
  if (!isRecord(history)) throw new HistoryError('expected an object with "events"');
  const { model = 'kv', init = null, events } = history;
  if (model !== 'kv' && model !== 'register') throw new HistoryError('model: expected "kv" or "register"');
  if (!isScalar(init)) throw new HistoryError(`init: expected ${SCALAR} or null`);
  if (!Array.isArray(events)) throw new HistoryError('events: expected an array');
  const keys = new Map<string, Operation[]>();
  const counts = { unknown: 0, failed: 0 };
  events.forEach((event: unknown, index) => {
    const read = new EventReader(event, index);
    const key = model === 'kv' ? read.key() : '';
    const operation = read.operation();
    if (read.failed()) counts.failed += 1;
    else if (operation.end === Number.POSITIVE_INFINITY) counts.unknown += 1;
    let ofKey = keys.get(key);
    if (ofKey === undefined) keys.set(key, (ofKey = []));
    if (operation.action !== undefined && !read.failed()) ofKey.push({ ...operation, action: operation.action });
  });
  return { init, keys, operations: events.length, ...counts };
}

const SCALAR = 'a string, number or boolean';
const NAMES: readonly OperationName[] = ['get', 'put', 'append', 'delete', 'cas', 'putHash'];

class EventReader {
  readonly #event: Readonly<Record<string, unknown>>;
  readonly #index: number;

  constructor(event: unknown, index: number) {
    this.#index = index;
    if (!isRecord(event)) throw new HistoryError(`events[${index}]: expected an object`);
    this.#event = event;
  }

  key(): string {
    const { key } = this.#event;
    return typeof key === 'string' ? key : this.#refuse('key', 'expected a string');
  }

  failed(): boolean {
    const { fail } = this.#event;
    if (fail === undefined || fail === null || typeof fail === 'boolean') return fail === true;
    return this.#refuse('fail', 'expected true or false');
  }

  /** `action` is undefined if the operation shows nothing and changes nothing. */
  operation(): Omit<Operation, 'action'> & { readonly action: Action | undefined } {
    const call = this.#call();
    const end = this.#end(call);
    return { index: this.#index, call, end, action: this.#action(end < Number.POSITIVE_INFINITY) };
  }

  #call(): number {
    const { call } = this.#event;
    return typeof call === 'number' && Number.isFinite(call) ? call : this.#refuse('call', 'expected a number');
  }

  #end(call: number): number {
    const end = this.#event.return;
    if (end === undefined || end === null || end === 'Infinity') return Number.POSITIVE_INFINITY;
    if (typeof end !== 'number' || Number.isNaN(end)) {
      return this.#refuse('return', 'expected a number, null or "Infinity"');
    }
    return end >= call ? end : this.#refuse('return', `${end} is before the call at ${call}`);
  }

  #action(isKnown: boolean): Action | undefined {
    const op = NAMES.find((name) => name === this.#event.op);
    switch (op) {
      case 'get':
        return this.#get(isKnown);
      case 'put':
        return { kind: op, value: this.#value() };
      case 'append':
        return { kind: op, value: this.#text() };
      case 'delete':
        return { kind: op, output: isKnown ? this.#flag() : undefined };
      case 'cas':
        return { kind: op, ...this.#pair(), output: isKnown ? this.#flag() : undefined };
      case 'putHash':
        return { kind: op, value: this.#text(), output: isKnown ? this.#previous() : undefined };
      case undefined:
        return this.#refuse('op', `expected one of ${NAMES.join(', ')}`);
    }
  }

  #get(isKnown: boolean): Action | undefined {
    const { output } = this.#event;
    if (!isKnown || output === undefined) return undefined;
    return isScalar(output) ? { kind: 'get', output } : this.#refuse('output', `expected ${SCALAR} or null`);
  }

  #value(): Scalar {
    const { value } = this.#event;
    return isScalar(value) && value !== null ? value : this.#refuse('value', `expected ${SCALAR}`);
  }

  #text(): string {
    const { value } = this.#event;
    return typeof value === 'string' ? value : this.#refuse('value', 'expected a string');
  }

  #pair(): { readonly expected: Scalar; readonly value: Scalar } {
    const { value } = this.#event;
    const [expected, replacement] = Array.isArray(value) && value.length === 2 ? (value as unknown[]) : [];
    if (isScalar(expected) && isScalar(replacement)) return { expected, value: replacement };
    return this.#refuse('value', 'expected [old, new], each a string, number, boolean or null');
  }

  #flag(): boolean | undefined {
    const { output } = this.#event;
    if (output === undefined || output === null) return undefined;
    return typeof output === 'boolean' ? output : this.#refuse('output', 'expected true or false');
  }

  #previous(): string | undefined {
    const { output } = this.#event;
    if (output === undefined || output === null) return undefined;
    return typeof output === 'string' ? output : this.#refuse('output', 'expected a string');
  }

  #refuse(field: string, what: string): never {
    throw new HistoryError(`events[${this.#index}].${field}: ${what}`);
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isScalar(value: unknown): value is Scalar {
  return value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
}

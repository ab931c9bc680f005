/** `kv.batch`: the operations that a client started in one turn of its event loop, in one request, and their results in one answer (C3). */
import { type Clock, fields, type Params, type Reply, UnderstudyError, type WireError } from '@understudy/rpc';
import type { Event, ReadEvent, WriteEvent } from './core/event.ts';
import type { PackedOperation } from './packed.ts';
import { readCas, readDelete, readGet, readWrite, type TextBounds } from './params.ts';

/** An operation of a request of many was answered: as a request of its own would have been. */
export type OnOperation = (
  method: string,
  params: Params,
  tookMs: number,
  failure: UnderstudyError | undefined,
) => void;

/** Of one operation: its result, its failure, or null: executed, but the answer would grow too large with it; it is to be asked again alone. */
export type BatchItem = object | { readonly error: WireError } | null;

export interface BatchResult {
  /** In the order of the operations. */
  readonly results: readonly BatchItem[];
}

/** Operations in one request; a client sends fewer. */
const MAX_OPERATIONS = 1024;
/** UTF-16 units of values in one answer, after which no more are added. */
const ANSWER_UNITS = 512 * 1024;

export interface BatchParts {
  readonly bounds: TextBounds;
  readonly clock: Pick<Clock, 'now'>;
  readonly onOperation: OnOperation;
}

/** One operation that is wrong fails alone. Undefined: nothing is left to be done. Throws INVALID_PARAMS where it is no batch at all. */
export function readBatch(params: Params, reply: Reply, parts: BatchParts): Event | undefined {
  const { operations } = params;
  if (!Array.isArray(operations)) throw invalid('operations must be a list');
  if (operations.length === 0 || operations.length > MAX_OPERATIONS)
    throw invalid(`operations must hold from 1 to ${MAX_OPERATIONS} operations`);
  const session = fields.optionalText(params, 'session');
  const answer = new BatchAnswer(operations.length, reply, parts);
  const requests: (ReadEvent | WriteEvent)[] = [];
  for (const [index, packed] of operations.entries()) {
    const spread = paramsOf(packed, session, params.acked);
    const place = new Place(answer, index, spread);
    try {
      requests.push(read(spread.method, spread.params, place, parts.bounds));
    } catch (error) {
      if (!(error instanceof UnderstudyError)) throw error;
      place.failure(error);
    }
  }
  return requests.length === 0 ? undefined : { kind: 'requests', requests };
}

/** A packed operation as the request of its own that it stands for. */
interface Single {
  readonly method: string;
  readonly params: Params;
}

function paramsOf(packed: PackedOperation, session: string | undefined, acked: unknown): Single {
  if (!Array.isArray(packed)) throw invalid('operations holds something that is no list');
  const [kind, key, b, c, d] = packed;
  switch (kind) {
    case 'get':
      return { method: 'kv.get', params: { key } };
    case 'put':
      return { method: 'kv.put', params: { key, value: b, session, seq: c, acked } };
    case 'append':
      return { method: 'kv.append', params: { key, value: b, session, seq: c, acked } };
    case 'putHash':
      return { method: 'kv.putHash', params: { key, value: b, session, seq: c, acked } };
    case 'delete':
      return { method: 'kv.delete', params: { key, session, seq: b, acked } };
    case 'cas':
      return { method: 'kv.cas', params: { key, expected: b, value: c, session, seq: d, acked } };
    case 'casRevision':
      return { method: 'kv.cas', params: { key, revision: b, value: c, session, seq: d, acked } };
    default:
      throw invalid(`operations: there is no ${JSON.stringify(kind)}`);
  }
}

function read(method: string, params: Params, place: Reply, bounds: TextBounds): ReadEvent | WriteEvent {
  switch (method) {
    case 'kv.get':
      return readGet(params, place, bounds);
    case 'kv.put':
      return readWrite('put', params, place, bounds);
    case 'kv.append':
      return readWrite('append', params, place, bounds);
    case 'kv.putHash':
      return readWrite('putHash', params, place, bounds);
    case 'kv.delete':
      return readDelete(params, place, bounds);
    default:
      return readCas(params, place, bounds);
  }
}

/** Leaves when every operation has its answer. */
class BatchAnswer {
  readonly #results: BatchItem[];
  readonly #reply: Reply;
  readonly #parts: BatchParts;
  readonly #arrivedMs: number;
  #missing: number;
  #units = 0;

  constructor(operations: number, reply: Reply, parts: BatchParts) {
    this.#results = new Array<BatchItem>(operations).fill(null);
    this.#missing = operations;
    this.#reply = reply;
    this.#parts = parts;
    this.#arrivedMs = parts.clock.now();
  }

  result(index: number, single: Single, value: object): void {
    const units = unitsOf(value);
    const fits = this.#units === 0 || this.#units + units <= ANSWER_UNITS;
    if (fits) this.#units += units;
    this.#take(index, single, fits ? value : null, undefined);
  }

  failure(index: number, single: Single, error: UnderstudyError): void {
    this.#take(index, single, { error: error.toWire() }, error);
  }

  #take(index: number, { method, params }: Single, item: BatchItem, failure: UnderstudyError | undefined): void {
    const { clock, onOperation } = this.#parts;
    this.#results[index] = item;
    onOperation(method, params, clock.now() - this.#arrivedMs, failure);
    this.#missing -= 1;
    if (this.#missing === 0) this.#reply.result({ results: this.#results } satisfies BatchResult);
  }
}

/** The way back to one operation of many. */
class Place implements Reply {
  readonly #answer: BatchAnswer;
  readonly #index: number;
  readonly #single: Single;
  #isTaken = false;

  constructor(answer: BatchAnswer, index: number, single: Single) {
    this.#answer = answer;
    this.#index = index;
    this.#single = single;
  }

  result(value: object): void {
    if (this.#take()) this.#answer.result(this.#index, this.#single, value);
  }

  failure(error: UnderstudyError): void {
    if (this.#take()) this.#answer.failure(this.#index, this.#single, error);
  }

  #take(): boolean {
    if (this.#isTaken) return false;
    this.#isTaken = true;
    return true;
  }
}

/** Of what a result tells of values; the rest is small. */
function unitsOf(value: { readonly value?: unknown; readonly previous?: unknown; readonly current?: unknown }): number {
  const text = value.value ?? value.previous ?? value.current;
  return typeof text === 'string' ? text.length : 0;
}

function invalid(message: string): UnderstudyError {
  return new UnderstudyError('INVALID_PARAMS', message, { data: { field: 'operations' } });
}

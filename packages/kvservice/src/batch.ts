/**
 * `kv.batch`: the operations that a client started in one turn of its event loop, in one request, with all results in
 * one answer (C3).
 *
 * Each operation is checked, executed and answered as if it had come in a request of its own. One that is wrong fails
 * alone.
 */
import {
  type CallObserver,
  type Clock,
  type FailureName,
  fields,
  type Params,
  type Reply,
  UnderstudyError,
  type WireError,
} from '@understudy/rpc';
import type { Event, ReadEvent, WriteEvent } from './core/event.ts';
import type { PackedOperation } from './packed.ts';
import { readCas, readDelete, readGet, readWrite, type TextBounds } from './params.ts';

/** Observes each operation of a batch when it is answered, as if it had been a request of its own. */
export type OnOperation = CallObserver['answered'];

/**
 * The result of one operation: its result, its failure, or null. Null means that it was executed, but that the answer
 * would be too large with its result; the client asks for the result alone.
 */
export type BatchItem = object | { readonly error: WireError } | null;

export interface BatchResult {
  /** The results, in the order of the operations. */
  readonly results: readonly BatchItem[];
}

/** The most operations in one request. A client sends fewer. */
const MAX_OPERATIONS = 1024;
/** After this many UTF-16 units of values, no more results are added to an answer. */
const ANSWER_UNITS = 512 * 1024;

export interface BatchParts {
  readonly bounds: TextBounds;
  readonly clock: Pick<Clock, 'now'>;
  readonly onOperation: OnOperation;
}

/**
 * Reads a batch. An operation that is wrong fails alone. Returns undefined if no operation is left to execute. Throws
 * INVALID_PARAMS if the request is not a batch.
 */
export function readBatch(params: Params, reply: Reply, parts: BatchParts): Event | undefined {
  const { operations, acked, atLeast } = params;
  if (!Array.isArray(operations)) throw invalid('operations must be a list');
  if (operations.length === 0 || operations.length > MAX_OPERATIONS)
    throw invalid(`operations must hold from 1 to ${MAX_OPERATIONS} operations`);
  const session = fields.optionalText(params, 'session');
  const answer = new BatchAnswer(operations.length, reply, parts);
  const requests: (ReadEvent | WriteEvent)[] = [];
  const common: Common = { session, acked, atLeast };
  for (let index = 0; index < operations.length; index++) {
    const packed = operations[index] as PackedOperation;
    const place = new Place(answer, index, methodOf(packed), paramsOf(packed, common));
    try {
      requests.push(read(place, parts.bounds));
    } catch (error) {
      if (!(error instanceof UnderstudyError)) throw error;
      place.failure(error);
    }
  }
  return requests.length === 0 ? undefined : { kind: 'requests', requests };
}

const METHODS: ReadonlyMap<unknown, string> = new Map([
  ...['get', 'put', 'append', 'putHash', 'delete', 'cas'].map((kind) => [kind, `kv.${kind}`] as const),
  ['casRevision', 'kv.cas'],
]);

function methodOf(packed: PackedOperation): string {
  if (!Array.isArray(packed)) throw invalid('operations holds something that is no list');
  const method = METHODS.get(packed[0]);
  if (method === undefined) throw invalid(`operations: there is no ${JSON.stringify(packed[0])}`);
  return method;
}

/** The fields that a batch has once for all its operations; `atLeast` is for its reads. */
interface Common {
  readonly session: string | undefined;
  readonly acked: unknown;
  readonly atLeast: unknown;
}

/** Expands a packed operation into the parameters of a single request. */
function paramsOf([kind, key, b, c, d]: PackedOperation, { session, acked, atLeast }: Common): Params {
  switch (kind) {
    case 'get':
      return { key, atLeast };
    case 'delete':
      return { key, session, seq: b, acked };
    case 'cas':
      return { key, expected: b, value: c, session, seq: d, acked };
    case 'casRevision':
      return { key, revision: b, value: c, session, seq: d, acked };
    default:
      return { key, value: b, session, seq: c, acked };
  }
}

function read(place: Place, bounds: TextBounds): ReadEvent | WriteEvent {
  const { method, params } = place;
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

/** Collects the results of a batch, and sends the answer when all operations are answered. */
class BatchAnswer {
  readonly #results: BatchItem[];
  readonly #answered: Place[] = [];
  readonly from: string | undefined;
  readonly #reply: Reply;
  readonly #parts: BatchParts;
  readonly #arrivedMs: number;
  #units = 0;

  constructor(operations: number, reply: Reply, parts: BatchParts) {
    this.#results = new Array<BatchItem>(operations).fill(null);
    this.#reply = reply;
    this.from = reply.from;
    this.#parts = parts;
    this.#arrivedMs = parts.clock.now();
  }

  take(place: Place, item: object): void {
    const units = unitsOf(item);
    const fits = this.#units === 0 || this.#units + units <= ANSWER_UNITS;
    if (fits) this.#units += units;
    this.#results[place.index] = fits ? item : null;
    if (this.#answered.push(place) === this.#results.length) this.#leave();
  }

  #leave(): void {
    const { clock, onOperation } = this.#parts;
    const tookMs = clock.now() - this.#arrivedMs;
    for (const { method, params, failed } of this.#answered) onOperation(method, params, tookMs, failed);
    this.#reply.result({ results: this.#results } satisfies BatchResult);
  }
}

/** One operation of a batch, and the reply handle for it. */
class Place implements Reply {
  readonly index: number;
  readonly from: string | undefined;
  readonly method: string;
  readonly params: Params;
  failed: FailureName | undefined;
  readonly #answer: BatchAnswer;
  #isTaken = false;

  constructor(answer: BatchAnswer, index: number, method: string, params: Params) {
    this.#answer = answer;
    this.from = answer.from;
    this.index = index;
    this.method = method;
    this.params = params;
  }

  result(value: object): void {
    this.#take(value);
  }

  failure(error: UnderstudyError): void {
    this.failed = error.name;
    this.#take({ error: error.toWire() });
  }

  #take(item: object): void {
    if (this.#isTaken) return;
    this.#isTaken = true;
    this.#answer.take(this, item);
  }
}

/** The size of a result: only its value counts, because the rest is small. */
function unitsOf(value: { readonly value?: unknown; readonly previous?: unknown; readonly current?: unknown }): number {
  const text = value.value ?? value.previous ?? value.current;
  return typeof text === 'string' ? text.length : 0;
}

function invalid(message: string): UnderstudyError {
  return new UnderstudyError('INVALID_PARAMS', message, { data: { field: 'operations' } });
}

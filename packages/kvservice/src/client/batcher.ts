/**
 * The batcher sends operations that start in one turn together, in one request per server (C3).
 *
 * Without it, the cost of a request would be paid for each operation. A failed batch fails each of its operations as if
 * it had been sent alone, so the retry loop need not know about batches.
 */
import { type Clock, fields, type Params, type PatientCalls, type Slowness, UnderstudyError } from '@understudy/rpc';
import type { BatchItem } from '../batch.ts';
import type { PackedOperation } from '../packed.ts';
import type { Effort, Numbered } from './effort.ts';
import type { Operation } from './operations.ts';
import type { SessionWindow } from './session-window.ts';

export interface BatcherParts {
  readonly clock: Pick<Clock, 'endOfTurn' | 'now'>;
  readonly calls: PatientCalls;
  /** Builds the parameters of a single request, with the number that the operation had when this try began. */
  readonly paramsOf: (request: Params, numbered: Numbered) => object;
  /** Called with one try of a request whose answer took at least half of the time after which it counts as slow. */
  readonly onSlow: (effort: Effort) => void;
}

/**
 * At this size a batch leaves at once. The server works on it while the next one is collected, and its answer is not
 * delayed by much more.
 */
const MOST_OPERATIONS = 128;
const MOST_UNITS = 16 * 1024;

/** One try of one operation. */
export interface Try {
  readonly operation: Operation<never, unknown>;
  readonly request: Params;
  readonly effort: Effort;
}

/**
 * A try that is ready to be sent. It keeps its own copy of the number, because a late answer to an earlier try may have
 * released the operation's number by then.
 */
interface Pending extends Try {
  readonly numbered: Numbered;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
}

interface Batch {
  readonly to: string;
  /** Undefined for reads, whose answers need not wait for writes. */
  readonly window: SessionWindow | undefined;
  readonly tries: Pending[];
  readonly operations: PackedOperation[];
  units: number;
}

export class Batcher {
  readonly #parts: BatcherParts;
  /** Batches that are being collected. */
  #gathering: Batch[] = [];
  /** Servers that lack kv.batch. Every operation is sent to them in a single request. */
  readonly #strangers = new Set<string>();

  constructor(parts: BatcherParts) {
    this.#parts = parts;
  }

  /** Whether the operation can be sent in a batch. */
  takes({ pack }: Operation<never, unknown>, { signal, isSequential, atLeast }: Effort): boolean {
    return pack !== undefined && signal === undefined && !isSequential && atLeast === undefined;
  }

  /** Adds the operation to a batch. Resolves with its answer, as if it had been sent alone. */
  add(to: string, { operation, request, effort }: Try): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const batch = this.#batchFor(to, effort.window);
      batch.tries.push({ operation, request, effort, numbered: numberOf(effort), resolve, reject });
      const packed = packOf(operation, request, effort);
      batch.operations.push(packed);
      batch.units += unitsOf(packed);
      if (batch.tries.length < MOST_OPERATIONS && batch.units < MOST_UNITS) return;
      this.#gathering.splice(this.#gathering.indexOf(batch), 1);
      this.#send(batch);
    });
  }

  #batchFor(to: string, window: SessionWindow | undefined): Batch {
    for (const batch of this.#gathering) if (batch.to === to && batch.window === window) return batch;
    const batch: Batch = { to, window, tries: [], operations: [], units: 0 };
    if (this.#gathering.length === 0) this.#parts.clock.endOfTurn(this.#sendAll);
    this.#gathering.push(batch);
    return batch;
  }

  readonly #sendAll = (): void => {
    const batches = this.#gathering;
    this.#gathering = [];
    for (const batch of batches) this.#send(batch);
  };

  #send(batch: Batch): void {
    const { to, tries } = batch;
    if (tries.length === 1 || this.#strangers.has(to)) for (const each of tries) this.#alone(to, each);
    else void this.#together(batch);
  }

  /** @param wasDone The operation has already been executed, and only its result is requested. */
  #alone(to: string, { operation, request, effort, numbered, resolve, reject }: Pending, wasDone = false): void {
    const { calls, paramsOf } = this.#parts;
    const bytes = bytesOf(request);
    calls
      .call(to, operation.method, paramsOf(request, numbered), {
        timeoutMs: Infinity,
        bytes,
        onSlow: (slowness) => effort.noteSlow({ ...slowness, bytes }),
        onLate: (answer) => effort.answerLate(answer),
      })
      .then(resolve, (error) => reject(wasDone ? indefinite(error) : error));
  }

  async #together(batch: Batch): Promise<void> {
    const { to, window, tries, operations, units: bytes } = batch;
    const { calls, clock, onSlow } = this.#parts;
    const slowAfterMs = calls.roundTrips.slowAfterMs(to, bytes);
    const leftMs = clock.now();
    const params = window === undefined ? { operations } : { session: window.session, acked: window.acked, operations };
    let items: readonly BatchItem[];
    try {
      const answer = await calls.call(to, 'kv.batch', params, {
        timeoutMs: Infinity,
        bytes,
        onSlow: (slowness) => noteSlow(batch, slowness),
        onLate: (late) => settleLate(batch, late),
      });
      items = itemsOf(answer, tries.length);
    } catch (error) {
      return this.#fail(to, tries, error);
    }
    const [first] = tries;
    if (first !== undefined && clock.now() - leftMs >= slowAfterMs / 2) onSlow(first.effort);
    for (let at = 0; at < tries.length; at++) this.#settle(to, tries[at] as Pending, items[at] ?? null);
  }

  #fail(to: string, tries: readonly Pending[], error: unknown): void {
    const isStranger = error instanceof UnderstudyError && error.name === 'METHOD_NOT_FOUND';
    if (isStranger) this.#strangers.add(to);
    for (const each of tries) {
      if (isStranger) this.#alone(to, each);
      else each.reject(error);
    }
  }

  #settle(to: string, each: Pending, item: BatchItem): void {
    // The server left out this result to bound the size of the answer. A single request has room for it.
    if (item === null) this.#alone(to, each, true);
    else if ('error' in item) each.reject(UnderstudyError.fromWire(item.error));
    else each.resolve(item);
  }
}

function numberOf({ window, seq, isSequential, atLeast }: Effort): Numbered {
  return { window, seq, isSequential, atLeast };
}

function noteSlow({ tries, units: bytes }: Batch, { isMoving }: Slowness): void {
  for (const { effort } of tries) effort.noteSlow({ isMoving, bytes });
}

/**
 * Handles a late answer to a batch. Refused and left-out operations count as unanswered, and so does an answer that is
 * malformed.
 */
function settleLate({ tries }: Batch, answer: unknown): void {
  const { results: items } = answer as Partial<{ readonly results: readonly BatchItem[] }>;
  if (!Array.isArray(items) || items.length !== tries.length) return;
  for (const [at, { effort }] of tries.entries()) {
    const item = items[at];
    if (typeof item === 'object' && item !== null && !('error' in item)) effort.answerLate(item);
  }
}

function packOf({ pack }: Operation<never, unknown>, request: Params, { window, seq }: Effort): PackedOperation {
  const packed = pack?.(request as never) ?? [];
  if (window !== undefined) packed.push(seq);
  return packed as unknown as PackedOperation;
}

function unitsOf(packed: PackedOperation): number {
  let units = 0;
  for (const part of packed) if (typeof part === 'string') units += part.length;
  return units;
}

/** The approximate size of a request on the network, in bytes. */
export function bytesOf(request: Params): number {
  let bytes = 0;
  for (const field of Object.values(request)) if (typeof field === 'string') bytes += field.length;
  return bytes;
}

/** The request for the result failed, but the operation itself may have been executed (S6). */
function indefinite(error: unknown): unknown {
  if (!(error instanceof UnderstudyError)) return error;
  const { name, message, data } = error;
  return new UnderstudyError(name, message, { data, definite: false, cause: error });
}

function itemsOf(answer: unknown, length: number): readonly BatchItem[] {
  const { results } = fields.object({ answer }, 'answer');
  if (Array.isArray(results) && results.length === length && results.every((item) => typeof item === 'object'))
    return results;
  throw new UnderstudyError('INTERNAL_ERROR', `kv.batch was answered with nonsense: ${length} results were due`);
}

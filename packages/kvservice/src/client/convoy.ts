/** Convoys: operations that start in one turn leave together, in one request for each server (C3). */
import { type Clock, fields, type Params, UnderstudyError } from '@understudy/rpc';
import type { BatchItem } from '../batch.ts';
import type { PackedOperation } from '../packed.ts';
import type { Caller } from './caller.ts';
import type { Effort } from './effort.ts';
import type { Operation } from './operations.ts';
import type { SessionWindow } from './session-window.ts';

export interface ConvoyParts {
  readonly clock: Pick<Clock, 'endOfTurn'>;
  readonly caller: Caller;
  /** Of a request of its own. */
  readonly paramsOf: (request: Params, effort: Effort) => object;
  /** Milliseconds that a request waits for its answer. */
  readonly timeoutMs: number;
}

/** Then a convoy leaves at once: the server works on it meanwhile, and its answer does not wait for much more. */
const MOST_OPERATIONS = 128;
const MOST_UNITS = 16 * 1024;

/** One try of one operation. */
export interface Traveller {
  readonly operation: Operation<never, unknown>;
  readonly request: Params;
  readonly effort: Effort;
}

interface Rider extends Traveller {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
}

interface Convoy {
  readonly to: string;
  /** Undefined: reads, whose answers wait for no write. */
  readonly window: SessionWindow | undefined;
  readonly riders: Rider[];
  readonly operations: PackedOperation[];
  units: number;
}

export class Convoys {
  readonly #parts: ConvoyParts;
  /** Not gone yet. */
  #gathering: Convoy[] = [];
  /** Servers of an older make: to them everybody goes alone. */
  readonly #strangers = new Set<string>();

  constructor(parts: ConvoyParts) {
    this.#parts = parts;
  }

  /** Whether the operation can go with others. */
  takes({ pack }: Operation<never, unknown>, { signal, isSequential }: Effort): boolean {
    return pack !== undefined && signal === undefined && !isSequential;
  }

  /** The answer to the operation, as if it had been sent alone. */
  board(to: string, { operation, request, effort }: Traveller): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const convoy = this.#convoyFor(to, effort.window);
      convoy.riders.push({ operation, request, effort, resolve, reject });
      const packed = packOf(operation, request, effort);
      convoy.operations.push(packed);
      convoy.units += unitsOf(packed);
      if (convoy.riders.length < MOST_OPERATIONS && convoy.units < MOST_UNITS) return;
      this.#gathering.splice(this.#gathering.indexOf(convoy), 1);
      this.#depart(convoy);
    });
  }

  #convoyFor(to: string, window: SessionWindow | undefined): Convoy {
    for (const convoy of this.#gathering) if (convoy.to === to && convoy.window === window) return convoy;
    const convoy: Convoy = { to, window, riders: [], operations: [], units: 0 };
    if (this.#gathering.length === 0) this.#parts.clock.endOfTurn(this.#departAll);
    this.#gathering.push(convoy);
    return convoy;
  }

  readonly #departAll = (): void => {
    const convoys = this.#gathering;
    this.#gathering = [];
    for (const convoy of convoys) this.#depart(convoy);
  };

  #depart(convoy: Convoy): void {
    const { to, riders } = convoy;
    if (riders.length === 1 || this.#strangers.has(to)) for (const rider of riders) this.#alone(to, rider);
    else void this.#together(convoy);
  }

  /** @param wasDone The operation itself is done already: only its answer is asked for. */
  #alone(to: string, { operation, request, effort, resolve, reject }: Rider, wasDone = false): void {
    const { caller, timeoutMs, paramsOf } = this.#parts;
    caller
      .call(to, operation.method, paramsOf(request, effort), { timeoutMs, signal: undefined })
      .then(resolve, (error) => reject(wasDone ? indefinite(error) : error));
  }

  async #together({ to, window, riders, operations }: Convoy): Promise<void> {
    const { caller, timeoutMs } = this.#parts;
    const params = window === undefined ? { operations } : { session: window.session, acked: window.acked, operations };
    let items: readonly BatchItem[];
    try {
      items = itemsOf(await caller.call(to, 'kv.batch', params, { timeoutMs, signal: undefined }), riders.length);
    } catch (error) {
      return this.#fail(to, riders, error);
    }
    for (let at = 0; at < riders.length; at++) this.#settle(to, riders[at] as Rider, items[at] ?? null);
  }

  #fail(to: string, riders: readonly Rider[], error: unknown): void {
    const isStranger = error instanceof UnderstudyError && error.name === 'METHOD_NOT_FOUND';
    if (isStranger) this.#strangers.add(to);
    for (const rider of riders) {
      if (isStranger) this.#alone(to, rider);
      else rider.reject(error);
    }
  }

  #settle(to: string, rider: Rider, item: BatchItem): void {
    // Left out, so that the answer does not grow without bound: alone there is room for it.
    if (item === null) this.#alone(to, rider, true);
    else if ('error' in item) rider.reject(UnderstudyError.fromWire(item.error));
    else rider.resolve(item);
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

/** Whatever became of the question, what it was about may have been done (S6). */
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

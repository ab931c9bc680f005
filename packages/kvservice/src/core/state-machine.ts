/**
 * The replicated state machine: keys, values and sessions. Only committed entries change it, in the same way on every
 * server (R5).
 *
 * It also tracks what changed since the last checkpoint, so that a checkpoint writes only the changes, and counts the
 * bytes it holds (M1).
 */
import type { GetResult } from '../contract.ts';
import type { Cell } from './cell.ts';
import { cellBytes } from './cell-bytes.ts';
import type { MachineLimits } from './config.ts';
import { flatten, needsFlattening } from './flat-text.ts';
import { fnv1a32 } from './fnv.ts';
import { type Entry, type Operation, type OperationResult, type Outcome, tellsValue } from './operation.ts';
import { OrderedMap } from './ordered-map.ts';
import { type Session, Sessions } from './sessions.ts';
import { StateSnapshot } from './state-snapshot.ts';

/** The value of a key before and after the changes; null if the key was absent. */
export interface CellChange {
  readonly before: Cell | null;
  after: Cell | null;
}

/** The changes between two moments. */
export interface StateChanges {
  readonly cells: ReadonlyMap<string, CellChange>;
  readonly sessions: readonly (readonly [id: string, session: Session | null])[];
}

/**
 * Changes of data records; null means deleted. `before` is the previous value, which counts until the whole checkpoint
 * is on disk.
 */
export interface DataChanges {
  readonly cells: readonly (readonly [key: string, cell: Cell | null, before?: Cell | null])[];
  readonly sessions: StateChanges['sessions'];
}

export class StateMachine {
  readonly cells: OrderedMap<Cell>;
  readonly sessions: Sessions;
  readonly #limits: MachineLimits;
  /** Keys changed since `takeChanges`; undefined if changes are not tracked. */
  #changed: Map<string, CellChange> | undefined;
  /** The number of deletions since then. */
  #deletions = 0;
  /** The approximate size of keys and values, in bytes (M1). */
  #bytes: number;

  /** @param bytes The size of these cells (M1). */
  constructor(limits: MachineLimits, cells = new OrderedMap<Cell>(), sessions = new Sessions(limits), bytes = 0) {
    this.#limits = limits;
    this.#bytes = bytes;
    this.cells = cells;
    this.sessions = sessions;
  }

  /** The approximate size of keys and values, in bytes (M1). */
  get bytes(): number {
    return this.#bytes;
  }

  /** Stores a whole cell, as a state transfer does. */
  put(key: string, cell: Cell): void {
    const before = this.cells.set(key, cell);
    this.#bytes += cellBytes(key, cell.value) - (before === undefined ? 0 : cellBytes(key, before.value));
  }

  /** Starts tracking changes for `takeChanges`. */
  trackChanges(): void {
    this.#changed = new Map();
    this.#deletions = 0;
    this.sessions.trackChanges();
  }

  /** The most changes since the last call that must be written to disk in one step: deletions and sessions. */
  get changesOfOneStep(): number {
    return this.#deletions + this.sessions.changed;
  }

  /** Returns the changes since the last call, each with the value before and after. */
  takeChanges(): StateChanges {
    const cells = this.#changed ?? new Map<string, CellChange>();
    this.#changed &&= new Map();
    this.#deletions = 0;
    return { cells, sessions: this.sessions.takeChanges() };
  }

  /** Executes the entry at `index`, unless it repeats an operation that was executed before (S3). */
  apply(index: number, entry: Entry, cluster: string): Outcome {
    const { origin, operation } = entry;
    if (origin === undefined) return this.#execute(index, entry.viewnum, operation, cluster);
    const before = this.sessions.recall(origin, operation);
    this.sessions.acknowledge(origin);
    if (before !== undefined) return before;
    if (!this.sessions.hasRoom(origin, this.#textToRemember(operation))) return NO_ROOM_TO_REMEMBER;
    const outcome = this.#execute(index, entry.viewnum, operation, cluster);
    this.sessions.remember(origin, operation, outcome, index);
    return outcome;
  }

  /** The UTF-16 units of the value that the result will hold, not counting a value that the operation itself brings. */
  #textToRemember(operation: Operation): number {
    if (!tellsValue(operation)) return 0;
    const cell = this.cells.get(operation.key);
    if (cell === undefined || (operation.kind !== 'putHash' && isExpected(operation, cell))) return 0;
    return cell.value.length;
  }

  /** @param applied The index of the last applied entry. An absent key is reported absent as of this revision. */
  get(key: string, applied: number): GetResult {
    return this.cells.get(key) ?? { value: null, revision: applied };
  }

  /** Takes a snapshot of cells and sessions. The caller must release it. */
  snapshot(): StateSnapshot {
    return new StateSnapshot(this.cells.snapshot(), this.sessions.snapshot(), this.sessions.remembered);
  }

  #execute(index: number, viewnum: number, operation: Operation, cluster: string): Outcome {
    switch (operation.kind) {
      case 'put':
        this.#set(operation.key, { value: operation.value, revision: index });
        return result({ revision: index });
      case 'append':
        return this.#append(index, operation.key, operation.value);
      case 'putHash': {
        const previous = this.cells.get(operation.key)?.value ?? '';
        this.#set(operation.key, { value: String(fnv1a32(previous + operation.value)), revision: index });
        return result({ previous, revision: index });
      }
      case 'delete':
        return result({ deleted: this.#delete(operation.key), revision: index });
      case 'cas':
      case 'casRevision':
        return this.#swap(index, operation);
      case 'openSession': {
        const session = `${cluster}:${viewnum}:${index}`;
        this.sessions.open(session, operation.client);
        return result({ session });
      }
      case 'expireSession':
        return result({ closed: this.sessions.expire(operation.session) });
      case 'nothing':
        return result({});
    }
  }

  #set(key: string, cell: Cell): void {
    const before = this.cells.set(key, cell);
    this.#bytes += cellBytes(key, cell.value) - (before === undefined ? 0 : cellBytes(key, before.value));
    this.#noteChange(key, before, cell);
  }

  #delete(key: string): boolean {
    const before = this.cells.get(key);
    if (before !== undefined) this.#bytes -= cellBytes(key, before.value);
    this.#noteChange(key, before, null);
    this.#deletions += 1;
    return this.cells.delete(key);
  }

  #noteChange(key: string, before: Cell | undefined, after: Cell | null): void {
    const known = this.#changed?.get(key);
    if (known !== undefined) known.after = after;
    else this.#changed?.set(key, { before: before ?? null, after });
  }

  #append(index: number, key: string, value: string): Outcome {
    const whole = (this.cells.get(key)?.value ?? '') + value;
    const { valueUnits } = this.#limits;
    if (whole.length > valueUnits) {
      const bytes = Buffer.byteLength(whole);
      const message = `value would have ${bytes} bytes with this, more than ${valueUnits}`;
      return { kind: 'refused', failure: 'TOO_LARGE', message, field: 'value', bytes, maxBytes: valueUnits };
    }
    if (needsFlattening(whole.length - value.length, whole.length)) flatten(whole);
    this.#set(key, { value: whole, revision: index });
    return result({ revision: index });
  }

  #swap(index: number, operation: Swap): Outcome {
    const { key, value } = operation;
    const cell = this.cells.get(key);
    if (!isExpected(operation, cell)) {
      return result({ swapped: false, revision: cell?.revision ?? index, current: cell?.value ?? null });
    }
    if (value === null) this.#delete(key);
    else this.#set(key, { value, revision: index });
    return result({ swapped: true, revision: index, current: value });
  }
}

type Swap = Extract<Operation, { kind: 'cas' | 'casRevision' }>;

/** An absent key has the value null and the revision 0. */
function isExpected(operation: Swap, cell: Cell | undefined): boolean {
  return operation.kind === 'cas'
    ? (cell?.value ?? null) === operation.expected
    : (cell?.revision ?? 0) === operation.revision;
}

/** This refusal is not remembered: the client may retry after it has confirmed earlier results (S9). */
const NO_ROOM_TO_REMEMBER: Outcome = {
  kind: 'refused',
  failure: 'OVERLOADED',
  message: 'the session holds too many results that its client has not confirmed: confirm them with `acked`',
};

function result(value: OperationResult): Outcome {
  return { kind: 'result', result: value };
}

/**
 * The receiver of a state transfer, at the backup (R7, R10).
 *
 * Chunks build a new state beside the old one, which it replaces in one step when the last chunk has arrived. A crash
 * in between therefore leaves the old state whole.
 */
import { assert } from '@understudy/rpc';
import type { Position } from '@understudy/sysmonitor';
import type { Cell } from './cell.ts';
import type { MachineLimits } from './config.ts';
import type { Chunk, TransferRecord } from './message.ts';
import { Remembered } from './remembered.ts';
import type { Session } from './sessions.ts';
import { type DataChanges, StateMachine } from './state-machine.ts';
import { recordFrom } from './transfer-record.ts';

export interface ReceivingParts {
  readonly transfer: number;
  /** The incarnation of the sending primary. */
  readonly incarnation: string;
  /** The position at which the snapshot was taken. */
  readonly position: Position;
  readonly generation: number;
  readonly limits: MachineLimits;
}

interface Landed {
  cells: [string, Cell][];
  sessions: [string, Session][];
}

export class Receiving {
  readonly transfer: number;
  readonly incarnation: string;
  readonly position: Position;
  readonly machine: StateMachine;
  /** The generation of its records on disk (R10); 0 without a disk. */
  readonly generation: number;
  /** The number of the next chunk. */
  next = 0;
  #session: (Session & { readonly id: string; readonly results: Map<number, Remembered> }) | undefined;
  #text = '';
  #landed: Landed = { cells: [], sessions: [] };

  constructor({ transfer, incarnation, position, generation, limits }: ReceivingParts) {
    this.transfer = transfer;
    this.incarnation = incarnation;
    this.position = position;
    this.generation = generation;
    this.machine = new StateMachine(limits);
  }

  /**
   * Takes the next chunk and returns the records that it completes. Undefined if the chunk does not continue the
   * previous ones; nothing of the transfer may be used then.
   */
  take(chunk: Chunk): DataChanges | undefined {
    assert(chunk.order === this.next, 'R7: chunks are taken in order');
    if (chunk.position.index !== this.position.index || chunk.position.viewnum !== this.position.viewnum) {
      return undefined;
    }
    this.next += 1;
    for (const record of chunk.records) if (!this.#add(record)) return undefined;
    if (chunk.piece !== undefined) {
      this.#text += chunk.piece.text;
      if (chunk.piece.ends && !this.#addText()) return undefined;
    }
    if (chunk.last && this.#text !== '') return undefined;
    if (chunk.last) this.#endSession();
    const landed = this.#landed;
    this.#landed = { cells: [], sessions: [] };
    return landed;
  }

  #addText(): boolean {
    const record = recordFrom(this.#text);
    this.#text = '';
    return record !== undefined && this.#add(record);
  }

  /** Adds a record. Returns false if the record is not valid at this place. */
  #add(record: TransferRecord): boolean {
    switch (record.kind) {
      case 'cell':
        if (record.cell.revision > this.position.index) return false;
        this.machine.put(record.key, record.cell);
        this.#landed.cells.push([record.key, record.cell]);
        return true;
      case 'session':
        this.#endSession();
        this.#beginSession(record);
        return true;
      case 'remembered':
        this.#session?.results.set(record.seq, new Remembered(record.outcome, undefined, record.digest));
        return this.#session !== undefined;
    }
  }

  #beginSession({ id, client, acked, textAt = 0 }: Extract<TransferRecord, { kind: 'session' }>): void {
    this.#session = { id, client, acked, textAt, results: new Map() };
  }

  #endSession(): void {
    const session = this.#session;
    this.#session = undefined;
    if (session === undefined) return;
    this.machine.sessions.put(session.id, session);
    this.#landed.sessions.push([session.id, session]);
  }
}

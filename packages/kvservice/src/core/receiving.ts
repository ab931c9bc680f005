/** A state transfer, seen from the backup: it lands beside the old state and takes its place in one step (R7, R10). */
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
  /** Of the primary that sends. */
  readonly incarnation: string;
  /** The moment that the whole transfer shows. */
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
  /** Names its records on the disk (R10); 0 where there is none. */
  readonly generation: number;
  /** The order of the chunk that comes next. */
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
   * Takes the chunk whose turn it is, and gives what is complete by it. Undefined: it does not go on from the chunks before it, so
   * nothing of this transfer may be used.
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

  /** False: it cannot stand here. */
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

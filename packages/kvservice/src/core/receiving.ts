/** A state transfer, seen from the backup: it lands beside the old state and takes its place in one step (R7, R10). */
import { assert } from '@understudy/rpc';
import type { Chunk, TransferRecord } from './message.ts';
import { Remembered } from './remembered.ts';
import type { Session } from './sessions.ts';
import { type Cell, type DataChanges, StateMachine } from './state-machine.ts';

export interface ReceivingParts {
  readonly transfer: number;
  /** Of the primary that sends. */
  readonly incarnation: string;
  readonly generation: number;
  readonly valueUnits: number;
}

interface Landed {
  cells: [string, Cell][];
  sessions: [string, Session][];
}

export class Receiving {
  readonly transfer: number;
  readonly incarnation: string;
  readonly machine: StateMachine;
  /** Names its records on the disk (R10); 0 where there is none. */
  readonly generation: number;
  /** The order of the chunk that comes next. */
  next = 0;
  #session: { id: string; client: string; acked: number; results: Map<number, Remembered> } | undefined;
  #text = '';
  #landed: Landed = { cells: [], sessions: [] };

  constructor({ transfer, incarnation, generation, valueUnits }: ReceivingParts) {
    this.transfer = transfer;
    this.incarnation = incarnation;
    this.generation = generation;
    this.machine = new StateMachine(valueUnits);
  }

  /** Takes the chunk whose turn it is, and gives what is complete by it. */
  take(chunk: Chunk): DataChanges {
    assert(chunk.order === this.next, 'R7: chunks are taken in order');
    this.next += 1;
    for (const record of chunk.records) this.#add(record);
    if (chunk.piece !== undefined) {
      this.#text += chunk.piece.text;
      if (chunk.piece.ends) this.#addText();
    }
    if (chunk.last) this.#endSession();
    const landed = this.#landed;
    this.#landed = { cells: [], sessions: [] };
    return landed;
  }

  #addText(): void {
    this.#add(JSON.parse(this.#text) as TransferRecord);
    this.#text = '';
  }

  #add(record: TransferRecord): void {
    switch (record.kind) {
      case 'cell':
        this.machine.cells.set(record.key, record.cell);
        this.#landed.cells.push([record.key, record.cell]);
        return;
      case 'session':
        this.#endSession();
        this.#session = { id: record.id, client: record.client, acked: record.acked, results: new Map() };
        return;
      case 'remembered':
        assert(this.#session !== undefined, 'R7: a remembered result follows its session');
        this.#session.results.set(record.seq, new Remembered(record.outcome, undefined, record.digest));
    }
  }

  #endSession(): void {
    const session = this.#session;
    this.#session = undefined;
    if (session === undefined) return;
    this.machine.sessions.put(session.id, session);
    this.#landed.sessions.push([session.id, session]);
  }
}

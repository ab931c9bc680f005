/** A state transfer, seen from the backup: it lands beside the old state and takes its place in one step (R7, R10). */
import { assert } from '@understudy/rpc';
import type { Chunk, TransferRecord } from './message.ts';
import type { Outcome } from './operation.ts';
import { StateMachine } from './state-machine.ts';

export class Receiving {
  readonly transfer: number;
  readonly incarnation: string;
  readonly machine: StateMachine;
  /** The order of the chunk that comes next. */
  next = 0;
  #session: { id: string; client: string; acked: number; results: Map<number, Outcome> } | undefined;
  #text = '';

  constructor(transfer: number, incarnation: string, valueUnits: number) {
    this.transfer = transfer;
    this.incarnation = incarnation;
    this.machine = new StateMachine(valueUnits);
  }

  /** Takes the chunk whose turn it is. */
  take(chunk: Chunk): void {
    assert(chunk.order === this.next, 'R7: chunks are taken in order');
    this.next += 1;
    for (const record of chunk.records) this.#add(record);
    if (chunk.piece !== undefined) {
      this.#text += chunk.piece.text;
      if (chunk.piece.ends) this.#addText();
    }
    if (chunk.last) this.#endSession();
  }

  #addText(): void {
    this.#add(JSON.parse(this.#text) as TransferRecord);
    this.#text = '';
  }

  #add(record: TransferRecord): void {
    switch (record.kind) {
      case 'cell':
        this.machine.cells.set(record.key, record.cell);
        return;
      case 'session':
        this.#endSession();
        this.#session = { id: record.id, client: record.client, acked: record.acked, results: new Map() };
        return;
      case 'remembered':
        assert(this.#session !== undefined, 'R7: a remembered result follows its session');
        this.#session.results.set(record.seq, record.outcome);
    }
  }

  #endSession(): void {
    if (this.#session !== undefined) this.machine.sessions.put(this.#session.id, this.#session);
    this.#session = undefined;
  }
}

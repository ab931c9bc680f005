/**
 * The sender of a state transfer, at the primary: a snapshot of the state, cut into bounded chunks (R7).
 *
 * One chunk is offered until the receiver has taken it, so a lost chunk is simply sent again. The snapshot is released
 * when its last record has been read or the transfer ends.
 */
import type { Position } from '@understudy/sysmonitor';
import { cutText } from './cut-text.ts';
import type { Chunk, TransferRecord } from './message.ts';
import type { StateMachine } from './state-machine.ts';
import type { StateSnapshot } from './state-snapshot.ts';

type ChunkBody = Pick<Chunk, 'order' | 'records' | 'piece' | 'last'>;

export class Sending {
  readonly id: number;
  readonly position: Position;
  readonly total: number;
  /** The number of records that the receiver has taken completely. */
  sent = 0;
  readonly #moment: StateSnapshot;
  readonly #records: Iterator<TransferRecord>;
  #isOpen = true;
  #chunkUnits: number;
  #units = 0;
  #ahead: TransferRecord | undefined;
  /** The rest of the text of a record that is too large for one chunk. */
  #text = '';
  #chunk: ChunkBody;

  constructor(id: number, position: Position, machine: StateMachine, chunkUnits: number) {
    const moment = machine.snapshot();
    this.#moment = moment;
    this.id = id;
    this.position = position;
    this.total = moment.cells.size + moment.sessions.size + moment.remembered;
    this.#chunkUnits = chunkUnits;
    this.#records = recordsOf(moment);
    this.#ahead = this.#next();
    this.#chunk = this.#cut(0);
  }

  /** True while it holds its snapshot. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Ends the transfer and releases the snapshot. */
  end(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#moment.release();
  }

  /** The next chunk for the receiver, until the receiver has taken it. */
  get chunk(): ChunkBody {
    return this.#chunk;
  }

  /** The approximate UTF-16 units of that chunk. */
  get units(): number {
    return this.#units;
  }

  /** The receiver took the chunk: cuts the next one, of at most `chunkUnits`. */
  advance(chunkUnits: number): void {
    this.#chunkUnits = Math.max(1, Math.floor(chunkUnits));
    this.sent += this.#chunk.records.length + (this.#chunk.piece?.ends ? 1 : 0);
    this.#chunk = this.#cut(this.#chunk.order + 1);
  }

  #cut(order: number): ChunkBody {
    if (this.#text === '' && this.#ahead !== undefined && unitsOf(this.#ahead) > this.#chunkUnits) {
      this.#text = JSON.stringify(this.#ahead);
      this.#ahead = this.#next();
    }
    if (this.#text !== '') return this.#cutPiece(order);
    const records: TransferRecord[] = [];
    let units = 0;
    while (this.#ahead !== undefined) {
      const more = unitsOf(this.#ahead);
      if (units + more > this.#chunkUnits) break;
      units += more;
      records.push(this.#ahead);
      this.#ahead = this.#next();
    }
    this.#units = units;
    return { order, records, last: this.#ahead === undefined };
  }

  #cutPiece(order: number): ChunkBody {
    const text = cutText(this.#text, 0, this.#chunkUnits);
    this.#text = this.#text.slice(text.length);
    this.#units = text.length;
    const ends = this.#text === '';
    return { order, records: [], piece: { text, ends }, last: ends && this.#ahead === undefined };
  }

  #next(): TransferRecord | undefined {
    const { done, value } = this.#records.next();
    if (done) this.end();
    return done ? undefined : value;
  }
}

function* recordsOf(moment: StateSnapshot): Generator<TransferRecord, undefined> {
  for (const [key, cell] of moment.cells.ascending()) yield { kind: 'cell', key, cell };
  for (const [id, { client, acked, results, textAt }] of moment.sessions.ascending()) {
    yield { kind: 'session', id, client, acked, textAt };
    for (const [seq, { outcome, digest }] of results) yield { kind: 'remembered', seq, outcome, digest };
  }
}

/** An upper estimate for the punctuation around the texts. */
const RECORD_UNITS = 80;

function unitsOf(record: TransferRecord): number {
  switch (record.kind) {
    case 'cell':
      return RECORD_UNITS + record.key.length + record.cell.value.length;
    case 'session':
      return RECORD_UNITS + record.id.length + record.client.length;
    case 'remembered':
      return RECORD_UNITS + JSON.stringify(record.outcome).length;
  }
}

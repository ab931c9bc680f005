/**
 * One direction of a proxied connection: takes bytes from one socket and gives them to the other, as the state of the link allows.
 *
 * A lost packet of TCP is not lost for the application: it comes late, and everything behind it waits. So loss is a delay here, which
 * doubles with each further loss of the same piece. The end of a connection travels through the link like bytes do: behind a cut, the
 * other side does not notice that a process died.
 */
import type { Socket } from 'node:net';
import type { SeededRandom } from '@understudy/testkit';
import type { LinkState } from './link-state.ts';

export interface FlowParts {
  readonly source: Socket;
  readonly sink: Socket;
  readonly random: SeededRandom;
  readonly state: () => LinkState;
}

type Piece = { readonly dueMs: number } & (
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  | { readonly kind: 'end' | 'close' }
);

const RETRANSMISSION_MS = 200;
const LONGEST_RETRANSMISSION_MS = 1_600;
/** Above this, no more is read from the source. */
const MOST_QUEUED_BYTES = 256 * 1024;

export class Flow {
  readonly #parts: FlowParts;
  readonly #queue: Piece[] = [];
  #queuedBytes = 0;
  #lastDueMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: FlowParts) {
    this.#parts = parts;
    const { source, sink } = parts;
    source.on('data', (bytes) => this.#take(bytes));
    source.once('end', () => this.#add({ kind: 'end', dueMs: this.#lastDueMs }));
    source.once('close', () => this.#add({ kind: 'close', dueMs: this.#lastDueMs }));
    source.on('error', () => {}); // 'close' follows
    sink.on('drain', () => this.pump());
  }

  /** Passes on what is due. Called again whenever the link changes. */
  pump(): void {
    clearTimeout(this.#timer);
    const { sink, state } = this.#parts;
    for (;;) {
      const next = this.#queue[0];
      if (next === undefined || state().cut || sink.writableNeedDrain) break;
      const waitMs = next.dueMs - performance.now();
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.pump(), waitMs);
        break;
      }
      this.#queue.shift();
      this.#pass(next);
    }
    this.#holdBack();
  }

  /** Forgets what is under way; both sockets are being closed. */
  drop(): void {
    clearTimeout(this.#timer);
    this.#queue.length = 0;
    this.#queuedBytes = 0;
  }

  #take(bytes: Buffer): void {
    const { random, state, sink } = this.#parts;
    const { delayMs, jitterMs, loss, reset, bytesPerSecond } = state();
    if (random.chance(reset)) return void sink.destroy();
    const lateMs = delayMs + jitterMs * (jitterMs > 0 ? random.number() : 0) + retransmissionMs(random, loss);
    const startMs = Math.max(performance.now() + lateMs, this.#lastDueMs);
    this.#lastDueMs = startMs + (1_000 * bytes.length) / bytesPerSecond;
    this.#queuedBytes += bytes.length;
    this.#add({ kind: 'bytes', bytes, dueMs: this.#lastDueMs });
  }

  #add(piece: Piece): void {
    this.#queue.push(piece);
    if (this.#queue.length === 1) this.pump();
    else this.#holdBack();
  }

  #pass(piece: Piece): void {
    const { sink } = this.#parts;
    if (piece.kind !== 'bytes') return void (piece.kind === 'end' ? sink.end() : sink.destroy());
    this.#queuedBytes -= piece.bytes.length;
    if (!sink.destroyed && !sink.writableEnded) sink.write(piece.bytes);
  }

  #holdBack(): void {
    const { source, sink } = this.#parts;
    if (this.#queuedBytes > MOST_QUEUED_BYTES || sink.writableNeedDrain) source.pause();
    else source.resume();
  }
}

function retransmissionMs(random: SeededRandom, loss: number): number {
  let lateMs = 0;
  for (let wait = RETRANSMISSION_MS; random.chance(loss) && wait <= LONGEST_RETRANSMISSION_MS; wait *= 2)
    lateMs += wait;
  return lateMs;
}

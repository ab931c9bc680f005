/** A writer that remembers what was acknowledged to it, and can tell whether the service still has exactly that. */
import { setTimeout as sleep } from 'node:timers/promises';

/** What is written to: this service, or another. */
export interface Store {
  put(key: string, value: string): Promise<unknown>;
  /** Only of a service that promises to do a repeated write once. */
  append?(key: string, piece: string): Promise<unknown>;
  get(key: string): Promise<string | null | undefined>;
  /** Milliseconds after which a failed write is tried again; undefined: the client itself tries until there is an answer. */
  readonly retryMs?: number;
}

export interface Acknowledgement {
  readonly begunAtMs: number;
  readonly atMs: number;
}

export interface Audit {
  readonly acknowledged: number;
  readonly lost: number;
  /** Done twice: only appends tell. */
  readonly doubled: number;
  readonly examples: readonly string[];
}

const APPENDS_PER_KEY = 2_000;
const READERS = 64;
/** A read that fails says nothing of what was lost: the cluster may still be settling. Beyond this it counts as a defect of the run. */
const READ_TRIES = 200;

/**
 * Puts, each to a key of its own, and appends where there are such, one operation at a time. Nobody else writes its keys, so each
 * that was acknowledged must be there, and each append once, in its place.
 */
export class Ledger {
  readonly acknowledgements: Acknowledgement[] = [];
  readonly #store: Store;
  readonly #name: string;
  readonly #pauseMs: number;
  readonly #puts: string[] = [];
  readonly #appends = new Map<string, string[]>();
  #failures = 0;
  #isOver = false;

  /** `pauseMs`: between two rounds of writes; none unless set. */
  constructor(store: Store, name: string, pauseMs = 0) {
    this.#store = store;
    this.#name = name;
    this.#pauseMs = pauseMs;
  }

  /** Acknowledged operations. */
  get count(): number {
    return this.acknowledgements.length;
  }

  /** Attempts that the client gave back. */
  get failures(): number {
    return this.#failures;
  }

  /** Writes until `stop`. */
  async run(): Promise<void> {
    for (let count = 0; !this.#isOver; count += 1) {
      const key = `${this.#name}/put/${count}`;
      if (await this.#untilAcknowledged(() => this.#store.put(key, key))) this.#puts.push(key);
      if (this.#store.append !== undefined) await this.#append(`${count};`);
      if (this.#pauseMs > 0) await sleep(this.#pauseMs);
    }
  }

  stop(): void {
    this.#isOver = true;
  }

  /** When the first write was acknowledged that was begun after this moment. */
  firstAfter(momentMs: number): number | undefined {
    return this.acknowledgements.find(({ begunAtMs }) => begunAtMs > momentMs)?.atMs;
  }

  /** Reads back everything that was acknowledged. */
  async audit(): Promise<Audit> {
    const examples: string[] = [];
    let lost = 0;
    const left = this.#puts.values();
    const read = async () => {
      for (const key of left) {
        const value = await this.#read(key);
        if (value === key) continue;
        lost += 1;
        examples.push(`${key}: ${value ?? 'nothing'}`);
      }
    };
    await Promise.all(Array.from({ length: READERS }, read));
    let doubled = 0;
    for (const [key, expected] of this.#appends) {
      const pieces = ((await this.#read(key)) ?? '').split(';').slice(0, -1);
      const faults = compare(expected, pieces);
      lost += faults.lost;
      doubled += faults.doubled;
      if (faults.lost + faults.doubled > 0) examples.push(`${key}: ${pieces.length} of ${expected.length} pieces`);
    }
    return { acknowledged: this.acknowledgements.length, lost, doubled, examples };
  }

  async #read(key: string): Promise<string | null | undefined> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#store.get(key);
      } catch (error) {
        if (this.#store.retryMs === undefined || tries === READ_TRIES)
          throw new Error(`${key} could not be read back`, { cause: error });
        await sleep(this.#store.retryMs);
      }
    }
  }

  async #append(piece: string): Promise<void> {
    const key = `${this.#name}/append/${Math.floor(this.#puts.length / APPENDS_PER_KEY)}`;
    if (!(await this.#untilAcknowledged(() => this.#store.append?.(key, piece)))) return;
    const pieces = this.#appends.get(key) ?? [];
    pieces.push(piece.slice(0, -1));
    this.#appends.set(key, pieces);
  }

  /** False: it was stopped before. */
  async #untilAcknowledged(write: () => Promise<unknown> | undefined): Promise<boolean> {
    for (;;) {
      const begunAtMs = performance.now();
      try {
        await write();
        this.acknowledgements.push({ begunAtMs, atMs: performance.now() });
        return true;
      } catch (error) {
        if (this.#store.retryMs === undefined) throw error;
        this.#failures += 1;
        if (this.#isOver) return false;
        await sleep(this.#store.retryMs);
      }
    }
  }
}

/** How many pieces are missing, and how many are there again; what is out of its place is both. */
function compare(expected: readonly string[], pieces: readonly string[]): Pick<Audit, 'lost' | 'doubled'> {
  const seen = new Set(pieces);
  const lost = expected.filter((piece) => !seen.has(piece)).length;
  const doubled = pieces.length - seen.size;
  const isInOrder = lost + doubled > 0 || expected.every((piece, at) => piece === pieces[at]);
  return isInOrder ? { lost, doubled } : { lost: 1, doubled: 1 };
}

/** The state of a simulated machine's disk: its contents, its faults, and which process has which directory open. */
import type { StoredEntry } from '@understudy/rpc';
import type { ProcessRun } from './process-run.ts';
import type { SeededRandom } from './seeded-random.ts';
import { StoredTexts } from './stored-texts.ts';

export interface DiskFaults {
  /** Mean milliseconds until a write is on stable storage; exponentially distributed. */
  readonly writeMs: number;
  /** Mean milliseconds to open a store, and to read each portion; exponentially distributed. */
  readonly readMs: number;
  /** The share of writes that fail. */
  readonly writeError: number;
  /** The share of read portions that fail. */
  readonly readError: number;
}

export const SOUND_DISK: DiskFaults = { writeMs: 0.2, readMs: 0.2, writeError: 0, readError: 0 };

/** A cleared range that a power loss may restore, until a later write makes the clearing durable. */
export interface Cleared {
  /** Counts the clearings of the directory. */
  readonly number: number;
  readonly entries: readonly StoredEntry[];
}

export interface SimulatedDirectory {
  readonly texts: StoredTexts;
  cleared: readonly Cleared[];
  clearings: number;
  /** The directory holds something other than a store. */
  readonly foreign: boolean;
}

export class DiskState {
  readonly random: SeededRandom;
  /** Called with every decision of the disk. */
  readonly note: (what: string) => void;
  faults = SOUND_DISK;
  full = false;
  /** The number of next writes or reads that fail. */
  writesToFail = 0;
  readsToFail = 0;
  directories = new Map<string, SimulatedDirectory>();
  /** The run that has a directory open. */
  readonly users = new Map<string, ProcessRun>();

  constructor(random: SeededRandom, note: (what: string) => void) {
    this.random = random;
    this.note = note;
  }

  isInUse(directory: string): boolean {
    return this.users.get(directory)?.alive === true;
  }

  /** Why the write that ends now fails; "" if it does not. */
  writeError(): string {
    if (this.full) return 'no space left on device';
    if (this.writesToFail > 0) {
      this.writesToFail--;
      return 'input/output error';
    }
    return this.random.chance(this.faults.writeError) ? 'input/output error' : '';
  }

  /** Why the read that ends now fails; "" if it does not. */
  readError(): string {
    if (this.readsToFail > 0) {
      this.readsToFail--;
      return 'input/output error';
    }
    return this.random.chance(this.faults.readError) ? 'input/output error' : '';
  }

  /** The share of operations under way that a power loss keeps: none, all, or each with this probability. */
  drawShare(): number {
    return this.random.pick([0, 0.5, 1]);
  }
}

export function newDirectory(entries: Iterable<StoredEntry> = [], foreign = false): SimulatedDirectory {
  return { texts: new StoredTexts(entries), cleared: [], clearings: 0, foreign };
}

/** The disk of a simulated machine: what is on it, what is wrong with it, and who has what open. */
import type { StoredEntry } from '@understudy/rpc';
import type { ProcessRun } from './process-run.ts';
import type { SeededRandom } from './seeded-random.ts';
import { StoredTexts } from './stored-texts.ts';

export interface DiskFaults {
  /** Mean milliseconds until a write is on stable storage; exponentially distributed. */
  readonly writeMs: number;
  /** Mean milliseconds of opening, and of each portion that is read; exponentially distributed. */
  readonly readMs: number;
  /** Of the writes so many fail. */
  readonly writeError: number;
  /** Of the portions that are read so many fail. */
  readonly readError: number;
}

export const SOUND_DISK: DiskFaults = { writeMs: 0.2, readMs: 0.2, writeError: 0, readError: 0 };

/** A cleared range that a power loss may bring back, until a write makes it last. */
export interface Cleared {
  /** Counts the clearings of the directory. */
  readonly number: number;
  readonly entries: readonly StoredEntry[];
}

export interface SimulatedDirectory {
  readonly texts: StoredTexts;
  cleared: readonly Cleared[];
  clearings: number;
  /** Something else than a store is there. */
  readonly foreign: boolean;
}

export class DiskState {
  readonly random: SeededRandom;
  /** Told everything that the disk decides. */
  readonly note: (what: string) => void;
  faults = SOUND_DISK;
  full = false;
  /** That many of the next fail. */
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

  /** Why the write that ends now fails, "" when it does not. */
  writeError(): string {
    if (this.full) return 'no space left on device';
    if (this.writesToFail > 0) {
      this.writesToFail--;
      return 'input/output error';
    }
    return this.random.chance(this.faults.writeError) ? 'input/output error' : '';
  }

  /** Why the reading that ends now fails, "" when it does not. */
  readError(): string {
    if (this.readsToFail > 0) {
      this.readsToFail--;
      return 'input/output error';
    }
    return this.random.chance(this.faults.readError) ? 'input/output error' : '';
  }

  /** How large a part of what was under way a power loss leaves: none, all, or some, drawn one by one with this probability. */
  drawShare(): number {
    return this.random.pick([0, 0.5, 1]);
  }
}

export function newDirectory(entries: Iterable<StoredEntry> = [], foreign = false): SimulatedDirectory {
  return { texts: new StoredTexts(entries), cleared: [], clearings: 0, foreign };
}

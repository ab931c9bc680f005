/** A service whose primary has all its data alone, and to which an empty server can be joined. */
import type { Put } from '../support/callers.ts';

export interface Side extends AsyncDisposable {
  readonly name: string;
  readonly put: Put;
  readonly primaryPid: number;
  /** Starts an empty server; the transfer to it begins with that. */
  join(): Promise<Joined>;
}

export interface Joined {
  readonly pid: number;
  /** Resolves when it has everything. */
  inSync(): Promise<unknown>;
  /** Ends it, and waits until the primary is alone again. */
  leave(): Promise<void>;
  /** Bytes that the transfer cost the primary besides its own memory: those that a forked process did not share. */
  forkedBytes(): Promise<number>;
}

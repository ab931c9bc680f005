/** Somebody whose primary is to die: a cluster of three, and the clients that go on writing. */
import type { Store } from '../support/ledger.ts';

export interface Contender {
  readonly name: string;
  /** A new cluster, in which everybody follows. */
  start(): Promise<Stage>;
}

export interface Stage extends AsyncDisposable {
  readonly clients: readonly Client[];
  /** To the process that is primary now. */
  signalPrimary(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
}

export interface Client extends Store {
  /** For a row of the report; unique. */
  readonly name: string;
}

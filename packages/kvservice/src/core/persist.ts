/** What a replica gives to the disk: entries, data, and what it knows of itself (R9). */
import type { Position, View } from '@understudy/sysmonitor';
import type { Entry } from './operation.ts';
import type { DataChanges } from './state-machine.ts';

/** What a server knows of itself beside its log and its data. */
export interface Meta {
  readonly incarnation: string;
  readonly cluster: string;
  /** The newest view that it knew, and the highest that it had fulfilled (V7). */
  readonly view: View;
  readonly fulfilled: number;
  /** No position below this one may be reported (V2). */
  readonly reported: Position;
  /** Just below the first entry of the log. */
  readonly base: Position;
  /** The index up to which the data is applied. */
  readonly applied: number;
  /** The last checkpoint of which everything is on disk; 0: there was none. */
  readonly checkpoint: number;
  /** Names the set of data records that counts; a transfer lands in the next one (R10). */
  readonly generation: number;
}

export interface LogChange {
  /** Every entry from this index on is replaced by these. */
  readonly from: number;
  readonly entries: readonly Entry[];
  /** The commit index at that moment. */
  readonly commit: number;
}

/** Changes of data records, of the generation that counts or of one that a transfer fills. */
export interface DataChange extends DataChanges {
  readonly generation: number;
  /** They count when `Meta` names this checkpoint, or a later one. */
  readonly checkpoint: number;
}

/** To be written in one atomic step, after all with a lower number. */
export interface Persist {
  readonly kind: 'persist';
  readonly number: number;
  readonly log?: LogChange;
  readonly meta?: Meta;
  readonly data?: DataChange;
}

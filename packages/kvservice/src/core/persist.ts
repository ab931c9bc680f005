/** The content of one write to disk: log entries, data, and metadata (R9). */
import type { Position, View } from '@understudy/sysmonitor';
import type { Entry } from './operation.ts';
import type { DataChanges } from './state-machine.ts';

/** The metadata that a server keeps beside its log and its data. */
export interface Meta {
  readonly incarnation: string;
  readonly cluster: string;
  /** The newest known view, and the highest fulfilled one (V7). */
  readonly view: View;
  readonly fulfilled: number;
  /** The highest position reported to the monitor. No lower one may be reported (V2). */
  readonly reported: Position;
  /** The position just below the first entry of the log. */
  readonly base: Position;
  /** The index up to which the data is applied. */
  readonly applied: number;
  /** The last checkpoint that is completely on disk; 0 if there is none. */
  readonly checkpoint: number;
  /** The set of data records in use. A transfer is written to the next generation, beside the data in use (R10). */
  readonly generation: number;
}

export interface LogChange {
  /** The index of the first changed entry: this entry and all later ones are replaced by `entries`. */
  readonly from: number;
  readonly entries: readonly Entry[];
  /** The commit index at the moment of the write. */
  readonly commit: number;
}

/** Changes of data records, in the generation in use or in the one that a transfer fills. */
export interface DataChange extends DataChanges {
  readonly generation: number;
  /** The changes take effect when `Meta` names this checkpoint or a later one. */
  readonly checkpoint: number;
}

/** One atomic write. It must come after all writes with lower numbers. */
export interface Persist {
  readonly kind: 'persist';
  readonly number: number;
  readonly log?: LogChange;
  readonly meta?: Meta;
  readonly data?: DataChange;
}

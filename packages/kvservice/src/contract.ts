/** The wire contract of the key/value service: the parameters and results of its methods. */
import type { View } from '@understudy/sysmonitor';

export type Consistency = 'linearizable' | 'sequential';

/** The session fields of an operation (S2). The client has the results of all seqs up to and including `acked`. */
export interface Origin {
  readonly session: string;
  readonly seq: number;
  readonly acked: number;
}

/** @typeParam Value Text, unless the client has a codec. */
export interface GetResult<Value = string> {
  readonly value: Value | null;
  /** The revision of the value. For an absent key: the log position at which it was seen to be absent. */
  readonly revision: number;
}
export interface PutResult {
  readonly revision: number;
}
export interface PutHashResult {
  readonly previous: string;
  readonly revision: number;
}
export interface DeleteResult {
  readonly deleted: boolean;
  readonly revision: number;
}
export interface CasResult<Value = string> {
  readonly swapped: boolean;
  /** The revision of `current`. If that is absent: the log position at which it was seen to be absent. */
  readonly revision: number;
  /** The value after the operation. */
  readonly current: Value | null;
}
export interface ScanEntry<Value = string> {
  readonly key: string;
  readonly value: Value;
  readonly revision: number;
}
export interface ScanResult<Value = string> {
  readonly entries: readonly ScanEntry<Value>[];
  /** True if there are further keys in the range. */
  readonly more: boolean;
}
/** A snapshot of the data, which pages of `kv.scan` may name. */
export interface OpenSnapshotResult {
  readonly snapshot: string;
  /** The snapshot contains every change up to this revision, and none after it. */
  readonly revision: number;
  readonly keys: number;
}
export interface OpenSessionResult {
  readonly session: string;
}
export interface CloseSessionResult {
  /** False if there was no such session any more. */
  readonly closed: boolean;
}

/** The memory of a server in approximate bytes, and its limit (M1). */
export interface MemoryStatus {
  /** The memory in use; it includes a second copy of the data. */
  readonly heldBytes: number;
  readonly maxBytes: number;
  /** True if the server accepts no more data (NO_SPACE). Reads and deletes continue. */
  readonly full: boolean;
}

export interface BackupStatus {
  readonly server: string;
  /** The backup's memory is full, so writes are refused (NO_SPACE). */
  readonly full: boolean;
  readonly syncing: boolean;
  /** The index up to which this backup is known to hold the log. */
  readonly verified: number;
  /** The number of entries that the backup does not hold yet. */
  readonly lag: number;
  /** The progress of a running state transfer: records sent, and records in all. */
  readonly transfer?: { readonly sent: number; readonly total: number };
}

export interface ServerStatus {
  readonly server: string;
  readonly role: 'idle' | 'primary' | 'backup';
  readonly incarnation: string;
  readonly view: View;
  /** True if the server may answer clients now. */
  readonly ready: boolean;
  readonly position: { readonly viewnum: number; readonly index: number };
  readonly commitIndex: number;
  readonly keys: number;
  readonly sessions: number;
  readonly rememberedResults: number;
  readonly memory: MemoryStatus;
  readonly backups: readonly BackupStatus[];
  readonly counters: Readonly<Record<string, number>>;
}

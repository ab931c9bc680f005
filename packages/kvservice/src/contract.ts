/** The wire of the key/value service: what clients send and what they get. */
import type { View } from '@understudy/sysmonitor';

export type Consistency = 'linearizable' | 'sequential';

/** What goes with an operation of a session (S2): the client has the result of every seq up to and including `acked`. */
export interface Origin {
  readonly session: string;
  readonly seq: number;
  readonly acked: number;
}

/** `Value`: text, unless the client has a codec. */
export interface GetResult<Value = string> {
  readonly value: Value | null;
  /** Of the value; for an absent key, the position in the log at which it was seen to be absent. */
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
  /** Of `current`; when that is absent, the position in the log at which it was seen to be absent. */
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
  /** There are further keys in the range. */
  readonly more: boolean;
}
/** A moment of the data, which pages of `kv.scan` may name. */
export interface OpenSnapshotResult {
  readonly snapshot: string;
  /** Every change up to this one is in it, and none behind. */
  readonly revision: number;
  readonly keys: number;
}
export interface OpenSessionResult {
  readonly session: string;
}
export interface CloseSessionResult {
  /** False: there was no such session any more. */
  readonly closed: boolean;
}

/** What a server holds, counted in about bytes, and what it may hold (M1). */
export interface MemoryStatus {
  /** With what a second copy of its data would take. */
  readonly heldBytes: number;
  readonly maxBytes: number;
  /** It takes no more data (NO_SPACE); reads and deletes go on. */
  readonly full: boolean;
}

export interface BackupStatus {
  readonly server: string;
  /** Its memory is full: writes are refused (NO_SPACE). */
  readonly full: boolean;
  readonly syncing: boolean;
  /** Index up to which this backup is known to hold the log. */
  readonly verified: number;
  /** Entries that it does not hold yet. */
  readonly lag: number;
  /** Of a running state transfer: records sent so far and in all. */
  readonly transfer?: { readonly sent: number; readonly total: number };
}

export interface ServerStatus {
  readonly server: string;
  readonly role: 'idle' | 'primary' | 'backup';
  readonly incarnation: string;
  readonly view: View;
  /** May answer clients now. */
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

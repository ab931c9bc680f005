/**
 * The parts of nodes' samples and notices that the page reads: the shapes of `GET /status`, and of the notices in
 * docs/OPERATIONS.md.
 */

export interface View {
  readonly viewnum: number;
  /** "" before the first view. */
  readonly primary: string;
  readonly backups: readonly string[];
  readonly syncing: readonly string[];
  readonly cluster?: string;
}

export interface Cause {
  readonly kind: string;
  readonly server: string;
  readonly forMs?: number;
  readonly viewnum?: number;
  readonly without?: readonly string[];
}

export interface Waiting {
  readonly kind:
    | 'nothing'
    | 'survivors'
    | 'first-server'
    | 'reports'
    | 'acknowledgement'
    | 'successor'
    | 'data'
    | 'backup';
  readonly servers: readonly string[];
  readonly viewnum?: number;
  readonly forMs?: number;
}

export interface Sighting {
  readonly server: string;
  readonly condition: 'alive' | 'silent' | 'lost-data' | 'leaving';
  readonly lastPingMs: number | null;
}

export interface MonitorStatus {
  readonly phase: 'listening' | 'recovering' | 'serving';
  readonly view: View;
  readonly acknowledged: boolean;
  readonly waiting: Waiting;
  readonly backupsWanted: number;
  readonly servers: readonly Sighting[];
}

export interface MemoryStatus {
  readonly heldBytes: number;
  readonly maxBytes: number;
  readonly full: boolean;
}

export interface BackupStatus {
  readonly server: string;
  /** The backup's memory is full. Undefined from a server of an earlier version. */
  readonly full?: boolean;
  readonly syncing: boolean;
  readonly lag: number;
  readonly transfer?: { readonly sent: number; readonly total: number };
}

export interface ServerStatus {
  readonly role: 'idle' | 'primary' | 'backup';
  readonly view: View;
  readonly ready: boolean;
  readonly position: { readonly viewnum: number; readonly index: number };
  readonly commitIndex: number;
  readonly keys: number;
  readonly sessions: number;
  /** Undefined from a server of an earlier version. */
  readonly memory?: MemoryStatus;
  readonly backups: readonly BackupStatus[];
}

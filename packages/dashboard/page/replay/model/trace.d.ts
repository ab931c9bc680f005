/** The events of a trace as the server sends them: as in docs/TRACE.md, but without the text of messages. */

export interface View {
  readonly viewnum: number;
  /** Addresses, as in the following fields. */
  readonly primary: string;
  readonly backups: readonly string[];
  readonly syncing: readonly string[];
}

export interface Start {
  readonly at: number;
  readonly kind: 'start';
  readonly format: number;
  readonly seed: number | string;
  readonly seconds: number;
  readonly faultyMs: number;
  readonly monitor: string;
  readonly servers: readonly string[];
  readonly clients: readonly string[];
  /** By name. */
  readonly addresses: Readonly<Record<string, string>>;
  readonly faults: readonly { readonly fault: string; readonly strength: number }[];
  readonly backups: number;
  readonly disk: boolean;
  readonly leaseMs: number;
}

interface OfMessage {
  readonly at: number;
  readonly message: 'request' | 'reply';
  readonly call: number;
  readonly from: string;
  readonly to: string;
  readonly method: string;
}

export interface Sent extends OfMessage {
  readonly kind: 'sent';
  /** The number of characters in its text. */
  readonly size: number;
  /** A short description of its content. */
  readonly brief: string;
}

export interface Met extends OfMessage {
  readonly kind: 'received' | 'held' | 'lost';
  readonly reason: string;
}

export type Fault = {
  readonly at: number;
  readonly kind: 'fault';
  readonly strike: number;
  readonly fault: string;
  readonly what: string;
  readonly who: readonly string[];
};

export type Violation = {
  readonly at: number;
  readonly kind: 'violation';
  readonly property: string;
  readonly rules: string;
  readonly message: string;
  readonly where: string;
};

export type TraceEvent =
  | Start
  | Sent
  | Met
  | Fault
  | Violation
  | ({ readonly at: number } & (
      | { readonly kind: 'view'; readonly view: View; readonly causes: readonly Cause[] }
      | { readonly kind: 'acknowledged'; readonly viewnum: number }
      | {
          readonly kind: 'process';
          readonly name: string;
          readonly state: 'started' | 'leaving' | 'ended' | 'paused' | 'resumed';
        }
      | {
          readonly kind: 'link';
          readonly from: string;
          readonly to: string;
          readonly state: 'open' | 'cut' | 'clogged';
        }
      | {
          readonly kind: 'role';
          readonly server: string;
          readonly role: 'idle' | 'primary' | 'backup';
          readonly viewnum: number;
        }
      | { readonly kind: 'commit'; readonly server: string; readonly index: number; readonly last: number }
      | {
          readonly kind: 'log';
          readonly server: string;
          readonly what: 'cut' | 'installed';
          readonly from: number;
          readonly to: number;
        }
      | {
          readonly kind: 'notice';
          readonly name: string;
          readonly notice: { readonly kind: string } & Readonly<Record<string, unknown>>;
        }
      | {
          readonly kind: 'operation';
          readonly client: string;
          readonly op: string;
          readonly key: string;
          readonly value?: unknown;
          readonly began: number;
          readonly outcome: string;
        }
      | { readonly kind: 'fault-over'; readonly strike: number }
      | { readonly kind: 'healed' }
      | { readonly kind: 'end'; readonly violations: number; readonly halted: string; readonly digest: string }
    ));

export interface Cause {
  readonly kind: string;
  readonly server: string;
  readonly forMs?: number;
  readonly viewnum?: number;
}

/** A request or a reply, from its sender to its fate. */
export interface Message {
  readonly id: number;
  readonly message: 'request' | 'reply';
  readonly call: number;
  readonly from: string;
  readonly to: string;
  readonly method: string;
  readonly brief: string;
  readonly size: number;
  readonly sentAt: number;
  /** The places of its events in the trace. `ended` is -1 while it is under way. */
  readonly sent: number;
  ended: number;
  /** Infinity: under way until the end. */
  endAt: number;
  isLost: boolean;
  reason: string;
  /** The second delivery of a message. */
  readonly isCopy: boolean;
}

/** A process at one moment. */
export interface ProcessState {
  readonly name: string;
  readonly kind: 'monitor' | 'server' | 'client';
  isUp: boolean;
  isPaused: boolean;
  isLeaving: boolean;
  /** How often it was started. */
  lives: number;
  /** Its role in the view that it knows. Clients and monitors have none. */
  role: 'idle' | 'primary' | 'backup';
  viewnum: number;
  /** The primary answers requests. */
  isServing: boolean;
  commit: number;
  last: number;
  /** The number of operations that a client has ended. */
  operations: number;
}

export interface RunState {
  at: number;
  processes: Record<string, ProcessState>;
  /** The monitor's newest view. */
  view: View | null;
  isAcknowledged: boolean;
  /** The views given so far, by number. */
  views: Record<number, View>;
  /** By `from>to`. */
  links: Record<string, 'cut' | 'clogged'>;
  /** Faults that last, by strike. */
  faults: Record<number, Fault>;
  /** Transfers under way, by the backup's address: a share from 0 to 1. */
  transfers: Record<string, number>;
  isHealed: boolean;
  violations: Violation[];
  isOver: boolean;
}

/** A mark on the scrubber. */
export interface Mark {
  readonly at: number;
  /** The place of its event. */
  readonly event: number;
  readonly kind: 'view' | 'fault' | 'healed' | 'violation' | 'ended';
  readonly words: string;
}

/** A stretch of a process's lane in the space-time diagram. */
export interface Stretch {
  readonly from: number;
  to: number;
  readonly state: 'up' | 'paused' | 'down';
  readonly role: 'idle' | 'primary' | 'backup' | 'client' | 'monitor';
}

/** A stretch in which it is cut off from other processes. */
export interface CutStretch {
  readonly from: number;
  to: number;
  readonly others: readonly string[];
}

export interface Lane {
  readonly name: string;
  readonly kind: 'monitor' | 'server' | 'client';
  readonly stretches: readonly Stretch[];
  readonly cuts: readonly CutStretch[];
  /** Ends that the process did not choose, and starts. */
  readonly ends: readonly number[];
  readonly starts: readonly number[];
  /** Operations of a client. */
  readonly operations: readonly { readonly from: number; readonly to: number; readonly event: number }[];
}

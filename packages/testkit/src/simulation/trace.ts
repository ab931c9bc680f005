/**
 * The events of a run as a trace file stores them: one JSON object per line, enough to draw the run later.
 * docs/TRACE.md describes the format.
 */
import type { ServerNotice } from '@understudy/kvservice';
import type { Cause, MonitorNotice, View } from '@understudy/sysmonitor';
import type { Disturbance } from '../world/disturbance.ts';
import type { TraceEntry } from '../world/message.ts';

/** The version of the format. It grows when an older reader would misread a newer file. */
export const TRACE_FORMAT = 1;

/** `at` is in virtual milliseconds since the start. A process is named by its address without the port. */
export type TraceEvent = { readonly at: number } & (TraceStart | TraceMessage | TraceOfCluster | TraceOfRun);

/** The first event: what was run, and which processes take part. */
export interface TraceStart {
  readonly kind: 'start';
  readonly format: typeof TRACE_FORMAT;
  readonly seed: number | string;
  /** The virtual seconds requested. */
  readonly seconds: number;
  /** Virtual milliseconds after which all faults end. */
  readonly faultyMs: number;
  readonly monitor: string;
  readonly servers: readonly string[];
  /** The client processes at the start. A process that dies is followed by `c1-2` and so on. */
  readonly clients: readonly string[];
  /** The address of the monitor and of each server, by name, because views contain addresses. */
  readonly addresses: Readonly<Record<string, string>>;
  /** The faults drawn from the seed, or requested. The strength is above 0, and at most 1. */
  readonly faults: readonly { readonly fault: string; readonly strength: number }[];
  readonly backups: number;
  readonly disk: boolean;
  readonly leaseMs: number;
}

/** `call` links a request and its reply. A message that is delivered twice is received twice. */
export type TraceMessage = {
  readonly message: 'request' | 'reply';
  readonly call: number;
  readonly from: string;
  readonly to: string;
  readonly method: string;
} & (
  | { readonly kind: 'sent'; readonly text: string }
  /** The fate of the message. `reason` says why, where the fate does not. A `held` message is still under way. */
  | { readonly kind: 'received' | 'held' | 'lost'; readonly reason: string }
);

/** What the monitor, servers and clients do, and what faults do to them. */
export type TraceOfCluster =
  | { readonly kind: 'view'; readonly view: View; readonly causes: readonly Cause[] }
  | { readonly kind: 'acknowledged'; readonly viewnum: number }
  | {
      readonly kind: 'process';
      readonly name: string;
      readonly state: 'started' | 'leaving' | 'ended' | 'paused' | 'resumed';
    }
  | Extract<Disturbance, { kind: 'link' }>
  | {
      readonly kind: 'role';
      readonly server: string;
      readonly role: 'idle' | 'primary' | 'backup';
      readonly viewnum: number;
    }
  /** The commit index of a server has grown. `last` is the index of the last entry in its log. */
  | { readonly kind: 'commit'; readonly server: string; readonly index: number; readonly last: number }
  /** Entries from `from` to `to` were cut off a log, or a state as of `to` replaced everything up to that index. */
  | {
      readonly kind: 'log';
      readonly server: string;
      readonly what: 'cut' | 'installed';
      readonly from: number;
      readonly to: number;
    }
  /** Any other notice of the process. */
  | { readonly kind: 'notice'; readonly name: string; readonly notice: ServerNotice | MonitorNotice }
  | {
      readonly kind: 'operation';
      readonly client: string;
      readonly op: string;
      readonly key: string;
      readonly value?: string | readonly [string | null, string | null];
      readonly began: number;
      readonly outcome: string;
    };

/** The course of the run. */
export type TraceOfRun =
  /** `who` lists the processes that the fault strikes; empty if it strikes all alike. */
  | {
      readonly kind: 'fault';
      readonly strike: number;
      readonly fault: string;
      readonly what: string;
      readonly who: readonly string[];
    }
  /** A lasting strike was undone. */
  | { readonly kind: 'fault-over'; readonly strike: number }
  /** All faults were undone. */
  | { readonly kind: 'healed' }
  /**
   * Written when the violation is found. `where` is the process whose step broke the property; "" if no single step
   * did.
   */
  | {
      readonly kind: 'violation';
      readonly property: string;
      readonly rules: string;
      readonly message: string;
      readonly where: string;
    }
  /** The last event. Without it, the file is incomplete. `halted` and `digest` are as in SimulationResult. */
  | { readonly kind: 'end'; readonly violations: number; readonly halted: string; readonly digest: string };

/** An event without its time, which `tell` adds. */
export type Happening = TraceEvent extends infer Each ? (Each extends TraceEvent ? Omit<Each, 'at'> : never) : never;

/** Converts a network trace entry to an event. */
export function happeningOf({ fate, message, reason }: TraceEntry): Happening {
  const { kind, call, from, to, method, text } = message;
  const it = { message: kind, call, from, to, method };
  if (fate === 'sent') return { kind: 'sent', ...it, text };
  if (fate === 'delivered') return { kind: 'received', ...it, reason };
  return { kind: fate === 'held' ? 'held' : 'lost', ...it, reason: reason === '' ? fate : reason };
}

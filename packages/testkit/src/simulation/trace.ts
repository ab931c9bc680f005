/** The events of a run, as a trace file has them, one JSON object a line: enough to draw the run later. docs/TRACE.md describes the format. */
import type { ServerNotice } from '@understudy/kvservice';
import type { Cause, MonitorNotice, View } from '@understudy/sysmonitor';
import type { Disturbance } from '../world/disturbance.ts';
import type { TraceEntry } from '../world/message.ts';

/** Of the format: it grows when a reader of the older one would misread the newer. */
export const TRACE_FORMAT = 1;

/** `at`: virtual milliseconds since the start. Processes are named as their addresses are, without the port. */
export type TraceEvent = { readonly at: number } & (TraceStart | TraceMessage | TraceOfCluster | TraceOfRun);

/** The first event: what was run, and who is in it. */
export interface TraceStart {
  readonly kind: 'start';
  readonly format: typeof TRACE_FORMAT;
  readonly seed: number | string;
  /** Virtual seconds that were asked for. */
  readonly seconds: number;
  /** Virtual milliseconds after which everything is put right. */
  readonly faultyMs: number;
  readonly monitor: string;
  readonly servers: readonly string[];
  /** Those that start; one that dies is followed by `c1-2` and so on. */
  readonly clients: readonly string[];
  /** Where the monitor and the servers listen, by name: views speak of addresses. */
  readonly addresses: Readonly<Record<string, string>>;
  /** What was drawn from the seed, or asked for; strength from just above 0 to 1. */
  readonly faults: readonly { readonly fault: string; readonly strength: number }[];
  readonly backups: number;
  readonly disk: boolean;
  readonly leaseMs: number;
}

/** `call` names the request and its reply. What is delivered twice is received twice. */
export type TraceMessage = {
  readonly message: 'request' | 'reply';
  readonly call: number;
  readonly from: string;
  readonly to: string;
  readonly method: string;
} & (
  | { readonly kind: 'sent'; readonly text: string }
  /** What became of it; `reason` says why, where the fate does not. What is `held` is still on its way. */
  | { readonly kind: 'received' | 'held' | 'lost'; readonly reason: string }
);

/** What monitor, servers and clients do, and what is done to them. */
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
  /** The commit index of a server has grown; `last` is the index of the last entry of its log. */
  | { readonly kind: 'commit'; readonly server: string; readonly index: number; readonly last: number }
  /** Entries from `from` to `to` were cut off a log, or a state as of `to` was installed in the place of everything up to there. */
  | {
      readonly kind: 'log';
      readonly server: string;
      readonly what: 'cut' | 'installed';
      readonly from: number;
      readonly to: number;
    }
  /** Anything else that it tells whoever runs it. */
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
  /** `who`: the processes that it strikes; empty where it is the same for all. */
  | {
      readonly kind: 'fault';
      readonly strike: number;
      readonly fault: string;
      readonly what: string;
      readonly who: readonly string[];
    }
  /** That strike, if it lasts, has been undone. */
  | { readonly kind: 'fault-over'; readonly strike: number }
  /** Everything was put right; faults that lasted are over. */
  | { readonly kind: 'healed' }
  /** At the moment when it was found. `where`: the process whose step it was; "" where it shows only from the whole. */
  | {
      readonly kind: 'violation';
      readonly property: string;
      readonly rules: string;
      readonly message: string;
      readonly where: string;
    }
  /** The last event; without it the file is not whole. `halted`, `digest`: as in SimulationResult. */
  | { readonly kind: 'end'; readonly violations: number; readonly halted: string; readonly digest: string };

/** Everything but its time, which is added on the way. */
export type Happening = TraceEvent extends infer Each ? (Each extends TraceEvent ? Omit<Each, 'at'> : never) : never;

/** What the network says of a message. */
export function happeningOf({ fate, message, reason }: TraceEntry): Happening {
  const { kind, call, from, to, method, text } = message;
  const it = { message: kind, call, from, to, method };
  if (fate === 'sent') return { kind: 'sent', ...it, text };
  if (fate === 'delivered') return { kind: 'received', ...it, reason };
  return { kind: fate === 'held' ? 'held' : 'lost', ...it, reason: reason === '' ? fate : reason };
}

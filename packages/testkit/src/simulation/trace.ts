/** The events of a run, as a trace file has them, one JSON object a line: enough to draw the run later. */
import type { Cause, View } from '@understudy/sysmonitor';
import type { TraceEntry } from '../world/message.ts';

/** `at`: virtual milliseconds since the start. Processes are named as their addresses are, without the port. */
export type TraceEvent = { readonly at: number } & (
  | {
      readonly kind: 'start';
      readonly seed: number | string;
      readonly servers: readonly string[];
      readonly clients: readonly string[];
    }
  /** A request or reply left a process. `call` names the request and its reply. */
  | {
      readonly kind: 'sent';
      readonly message: 'request' | 'reply';
      readonly call: number;
      readonly from: string;
      readonly to: string;
      readonly method: string;
      readonly text: string;
    }
  /** What became of it; `reason` says why, where the fate does not. */
  | {
      readonly kind: 'received' | 'lost';
      readonly message: 'request' | 'reply';
      readonly call: number;
      readonly from: string;
      readonly to: string;
      readonly method: string;
      readonly reason: string;
    }
  | { readonly kind: 'view'; readonly view: View; readonly causes: readonly Cause[] }
  | { readonly kind: 'acknowledged'; readonly viewnum: number }
  | { readonly kind: 'process'; readonly name: string; readonly state: 'started' | 'ended' | 'paused' | 'resumed' }
  | {
      readonly kind: 'role';
      readonly server: string;
      readonly role: 'idle' | 'primary' | 'backup';
      readonly viewnum: number;
    }
  | { readonly kind: 'commit'; readonly server: string; readonly index: number }
  | { readonly kind: 'fault'; readonly fault: string; readonly what: string }
  | { readonly kind: 'healed' }
  | {
      readonly kind: 'operation';
      readonly client: string;
      readonly op: string;
      readonly key: string;
      readonly began: number;
      readonly outcome: string;
    }
  | { readonly kind: 'violation'; readonly property: string; readonly rules: string; readonly message: string }
  | { readonly kind: 'end' }
);

/** Everything but its time, which is added on the way. */
export type Happening = TraceEvent extends infer Each ? (Each extends TraceEvent ? Omit<Each, 'at'> : never) : never;

/** What the network says of a message. */
export function happeningOf({ fate, message, reason }: TraceEntry): Happening {
  const { kind, call, from, to, method, text } = message;
  if (fate === 'sent') return { kind: 'sent', message: kind, call, from, to, method, text };
  const why = reason === '' && fate !== 'delivered' ? fate : reason;
  return { kind: fate === 'delivered' ? 'received' : 'lost', message: kind, call, from, to, method, reason: why };
}

/** Notices: what the monitor tells whoever runs it, as it happens. */
import type { RefusalsTold } from '@understudy/rpc';
import type { Cause } from './cause.ts';
import type { View } from './contract.ts';
import type { Condition, ServerRole, Waiting } from './status.ts';

export type MonitorNotice =
  | { readonly kind: 'view'; readonly view: View; readonly causes: readonly Cause[] }
  /** (V7) */
  | { readonly kind: 'acknowledged'; readonly view: View }
  /** A server was heard for the first time, fell silent, lost its data, leaves, or is back. */
  | { readonly kind: 'server'; readonly server: string; readonly role: ServerRole; readonly condition: Condition }
  /** There is no service until this is over; sent again when it changes. */
  | { readonly kind: 'waiting'; readonly waiting: Waiting }
  /** (V11) A ping of a run of `server` that a newer one has replaced. */
  | { readonly kind: 'conflict'; readonly server: string; readonly incarnation: string; readonly newest: string }
  /** (V12) A ping of another cluster, or with a number that this monitor never gave. */
  | { readonly kind: 'foreign'; readonly server: string; readonly viewnum: number; readonly cluster: string | null }
  /** A ping that could not be read, or claimed something in the name of a server that does not confirm it. */
  | RefusalsTold
  /** (V10) The monitor stood still, or heard nobody: every server counts as heard just now. */
  | { readonly kind: 'paused'; readonly forMs: number }
  | { readonly kind: 'deaf'; readonly forMs: number }
  /** (V9) It goes on from what it had kept on disk. */
  | { readonly kind: 'restored'; readonly view: View }
  /** What was on the disk cannot be used; it was moved to `movedTo`, and the servers have to report (V12). */
  | { readonly kind: 'data-damaged'; readonly reason: string; readonly movedTo: string }
  /** The monitor has ended; an empty reason: as it was asked to. */
  | { readonly kind: 'stopped'; readonly reason: string };

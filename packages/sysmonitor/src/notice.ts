/** Notices: the events that the monitor reports to the program that runs it, as they happen. */
import type { RefusalsTold } from '@understudy/rpc';
import type { Cause } from './cause.ts';
import type { View } from './contract.ts';
import type { Condition, ServerRole, Waiting } from './status.ts';

export type MonitorNotice =
  | { readonly kind: 'view'; readonly view: View; readonly causes: readonly Cause[] }
  /** (V7) The primary acknowledged the view. */
  | { readonly kind: 'acknowledged'; readonly view: View }
  /** A server was heard for the first time, fell silent, lost its data, is leaving, or is back. */
  | { readonly kind: 'server'; readonly server: string; readonly role: ServerRole; readonly condition: Condition }
  /** There is no service until the monitor has what it waits for. Sent again when that changes. */
  | { readonly kind: 'waiting'; readonly waiting: Waiting }
  /** (V11) A ping came from an incarnation of `server` that a newer one has replaced. */
  | { readonly kind: 'conflict'; readonly server: string; readonly incarnation: string; readonly newest: string }
  /** (V12) A ping came from another cluster, or with a viewnum that this monitor never gave. */
  | { readonly kind: 'foreign'; readonly server: string; readonly viewnum: number; readonly cluster: string | null }
  /** A ping could not be read, or made a claim that the named server does not confirm. */
  | RefusalsTold
  /** (V10) The monitor did not run (`paused`), or heard no server (`deaf`): every server counts as heard now. */
  | { readonly kind: 'paused'; readonly forMs: number }
  | { readonly kind: 'deaf'; readonly forMs: number }
  /** (V9) The monitor continues from the state on its disk. */
  | { readonly kind: 'restored'; readonly view: View }
  /** The data on disk is unusable. It was moved to `movedTo`, and the servers must report (V12). */
  | { readonly kind: 'data-damaged'; readonly reason: string; readonly movedTo: string }
  /** The monitor has ended. An empty reason means that it was asked to. */
  | { readonly kind: 'stopped'; readonly reason: string };

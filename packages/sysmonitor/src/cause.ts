/** Causes: why the monitor changed the view. */
import { unreachable } from '@understudy/rpc';

/**
 * A view change has one cause, or several when one server gets a seat in the same change in which another loses one.
 */
export type Cause =
  /** (V1) The first server of a new cluster. */
  | { readonly kind: 'first-server'; readonly server: string }
  /** (V4) The monitor has not heard the primary for `forMs` milliseconds. */
  | { readonly kind: 'primary-silent'; readonly server: string; readonly forMs: number }
  | { readonly kind: 'primary-lost-data'; readonly server: string }
  /** (V11) The primary restarted with data, but a backup that is safe to promote holds more. */
  | { readonly kind: 'primary-behind'; readonly server: string }
  | { readonly kind: 'primary-leaving'; readonly server: string }
  /** (V5) The monitor has not heard the backup for `forMs` milliseconds. */
  | { readonly kind: 'backup-silent'; readonly server: string; readonly forMs: number }
  | { readonly kind: 'backup-lost-data'; readonly server: string }
  | { readonly kind: 'backup-leaving'; readonly server: string }
  /**
   * (V13) The monitor hears the backup, but the primary does not. It may rejoin after `waitMs` milliseconds; 0 means at
   * once.
   */
  | { readonly kind: 'backup-unreachable'; readonly server: string; readonly waitMs: number }
  /** (V6) An idle server joined as syncing backup. */
  | { readonly kind: 'backup-joined'; readonly server: string }
  /** (V11) A member restarted as another process, with its data. */
  | { readonly kind: 'member-restarted'; readonly server: string }
  /** (V12) The monitor lost its state and rebuilt it from the reports of the members of view `viewnum`. */
  | {
      readonly kind: 'rebuilt';
      readonly server: string;
      readonly viewnum: number;
      /** Servers that an operator chose not to wait for. Data that only they held is lost. */
      readonly without?: readonly string[];
    };

/** The cause as half a sentence, such as "primary a:1 silent for 512 ms". */
export function causeInWords(cause: Cause): string {
  switch (cause.kind) {
    case 'first-server':
      return `${cause.server} is the first server`;
    case 'primary-silent':
      return `primary ${cause.server} silent for ${Math.round(cause.forMs)} ms`;
    case 'primary-lost-data':
      return `primary ${cause.server} restarted without its data, or with older data`;
    case 'primary-behind':
      return `primary ${cause.server} restarted with less data than its backup holds`;
    case 'primary-leaving':
      return `primary ${cause.server} leaves`;
    case 'backup-silent':
      return `backup ${cause.server} silent for ${Math.round(cause.forMs)} ms`;
    case 'backup-lost-data':
      return `backup ${cause.server} restarted without its data, or with older data`;
    case 'backup-leaving':
      return `backup ${cause.server} leaves`;
    case 'backup-unreachable':
      return `the primary gets no answer from backup ${cause.server}`;
    case 'backup-joined':
      return `${cause.server} joins as backup`;
    case 'member-restarted':
      return `${cause.server} restarted with its data`;
    case 'rebuilt':
      return cause.without === undefined
        ? `rebuilt from view ${cause.viewnum}, as its members reported it`
        : `rebuilt with what ${cause.server} holds, without ${cause.without.join(' and ')}, as an operator wanted`;
    default:
      return unreachable(cause);
  }
}

/** The notices of a server for its operator, beyond those of its replica. */
import type { RefusalsTold } from '@understudy/rpc';
import type { ReplicaNotice } from './core/effect.ts';

export type PingerNotice =
  | { readonly kind: 'monitor-answers' }
  | { readonly kind: 'monitor-recovering'; readonly reason: string }
  /** `waitedMs` is set if the reason is that no answer came within that time. */
  | { readonly kind: 'monitor-unreachable'; readonly reason: string; readonly waitedMs?: number }
  /** Even the fastest answer of the monitor takes so long that this server learns late of a new view. */
  | { readonly kind: 'monitor-distant'; readonly roundTripMs: number; readonly silenceMs: number }
  /**
   * The monitors listed in `--monitor` disagree. `views` says in words what each of them reported; `follows` is the one
   * that this server pings.
   */
  | { readonly kind: 'monitors-disagree'; readonly views: string; readonly follows: string }
  | { readonly kind: 'monitors-agree' };

export type DiskNotice =
  /** The disk holds data of an earlier run: log entries, and keys as of `applied`. */
  | {
      readonly kind: 'restored';
      readonly viewnum: number;
      readonly entries: number;
      readonly keys: number;
      readonly applied: number;
    }
  /** The data on disk cannot be used. It was moved to `movedTo`, and this server starts without data. */
  | { readonly kind: 'data-damaged'; readonly reason: string; readonly movedTo: string };

export type ServerNotice =
  | Exclude<ReplicaNotice, { readonly kind: 'message-refused' }>
  | RefusalsTold
  | PingerNotice
  | DiskNotice
  /**
   * The server has ended. `reason` is empty if it was asked to end. `held` is false if it left and no server that stays
   * holds its data. `lost` says in words what is lost with it, or is "". `holder` names a backup that also holds the
   * data, but that no monitor made primary because none answered; or "".
   */
  | {
      readonly kind: 'stopped';
      readonly reason: string;
      readonly held: boolean;
      readonly lost: string;
      readonly holder: string;
    };

/**
 * The messages between servers, and the answers to them (R2, R3, R7, L5, L6).
 *
 * Every message but `Ask` names the sender's incarnation, the intended incarnation of the receiver, and the view, so a
 * message of an earlier run or view is never taken for a present one. The answer names the message by its number.
 */
import type { Position, View } from '@understudy/sysmonitor';
import type { Cell } from './cell.ts';
import type { Entry, Outcome } from './operation.ts';

/** The sender, a run of a server that is primary of a view, and the intended receiver. */
export interface Envelope {
  readonly server: string;
  readonly incarnation: string;
  /** The sender's secret. Only the sender knows it, and the servers that have asked the sender to confirm it (R3). */
  readonly secret: string;
  readonly cluster: string;
  /** The intended incarnation of the receiver; "" if the view names none. */
  readonly to: string;
  readonly viewnum: number;
  /** The answer names the message by this number, which grows with every message of one incarnation. */
  readonly number: number;
}

/**
 * Entries for a backup's log, in order. Without entries it is a heartbeat, or asks which entries the backup has (R2).
 */
export interface Prepare extends Envelope {
  readonly kind: 'prepare';
  /** The whole view. Sent until the backup has answered once in it. */
  readonly view?: View;
  /** The position of the entry before the first one in this message. */
  readonly previous: Position;
  readonly entries: readonly Entry[];
  /** The one entry after `previous`, which was already sent in pieces. `entries` is then empty. */
  readonly large?: LargeEntryName;
  /** The primary's commit index. */
  readonly commit: number;
}

/** A large entry: its viewnum, and the length of its JSON text in UTF-16 units. */
export interface LargeEntryName {
  readonly viewnum: number;
  readonly units: number;
}

/** A part of the JSON text of one entry that is too large for one message (R2). */
export interface Piece extends Envelope {
  readonly kind: 'piece';
  /** The position of the entry that the text belongs to. */
  readonly entry: Position;
  /** The offset of this piece in the text, in UTF-16 units. */
  readonly from: number;
  readonly text: string;
}

/** A part of a state transfer (R7). */
export interface Chunk extends Envelope {
  readonly kind: 'chunk';
  readonly transfer: number;
  /** The number of the chunk in its transfer, from 0. */
  readonly order: number;
  /** The position at which the snapshot of this transfer was taken. */
  readonly position: Position;
  /** The number of records in the whole transfer. */
  readonly total: number;
  readonly records: readonly TransferRecord[];
  /** A piece of the JSON text of one record that is too large for one chunk. `ends` marks the last piece. */
  readonly piece?: { readonly text: string; readonly ends: boolean };
  readonly last: boolean;
}

export type TransferRecord =
  | { readonly kind: 'cell'; readonly key: string; readonly cell: Cell }
  | {
      readonly kind: 'session';
      readonly id: string;
      readonly client: string;
      readonly acked: number;
      readonly textAt: number;
    }
  /** A remembered result of the preceding session record. `digest` identifies its operation, if known (S3). */
  | {
      readonly kind: 'remembered';
      readonly seq: number;
      readonly outcome: Outcome;
      readonly digest?: number | undefined;
    };

/** The primary is leaving: the promises made to this incarnation end (L6). */
export interface Release extends Envelope {
  readonly kind: 'release';
}

/** A backup asks its primary for the commit index, to answer a linearizable read itself (L5). */
export interface Ask {
  readonly kind: 'position';
  readonly number: number;
  readonly viewnum: number;
}

export type PeerMessage = Prepare | Piece | Chunk | Release;
export type Message = PeerMessage | Ask;

export type Answer =
  /** `verified`: the last index that this prepare verified, not the end of the log (R3). */
  | {
      readonly kind: 'accepted';
      readonly verified: number;
      /** True if the backup's memory is full, so it must get no more data (M2). */
      readonly full?: boolean;
    }
  /** The backup lacks the previous entry. Names the last entry of its log, and its last committed entry. */
  | { readonly kind: 'mismatch'; readonly last: Position; readonly commit: Position }
  /** The next chunk of the transfer that the receiver needs; 0 means from the start. */
  | { readonly kind: 'taken'; readonly transfer: number; readonly next: number }
  /** The receiver has the first `units` UTF-16 units of the text of this entry. */
  | { readonly kind: 'pieces'; readonly entry: Position; readonly units: number }
  /** The transfer needs more memory than the receiver may use (M3). */
  | { readonly kind: 'no-room'; readonly transfer: number }
  /** The receiver does not need this transfer (any more). */
  | { readonly kind: 'unwanted'; readonly transfer: number }
  | { readonly kind: 'released' }
  /** The commit index of the primary. */
  | { readonly kind: 'position'; readonly commitIndex: number }
  /** The sender's view is newer than the receiver's, and the sender must send the whole view. */
  | { readonly kind: 'view-wanted' }
  /** The sender's view is older than the receiver's view, which is in the answer. */
  | { readonly kind: 'stale'; readonly view: View }
  /** The receiver does not hold the seat that the sender assumes (R8), or the message is wrong. */
  | { readonly kind: 'refused'; readonly reason: string };

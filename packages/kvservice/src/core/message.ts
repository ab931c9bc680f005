/** Messages between servers, and their answers. */
import type { Position, View } from '@understudy/sysmonitor';
import type { Cell } from './cell.ts';
import type { Entry, Outcome } from './operation.ts';

/** Who sends: a run of a server, as primary of a view; and who is meant. */
export interface Envelope {
  readonly server: string;
  readonly incarnation: string;
  /** Known to the sender alone, and to those that have asked it (R3). */
  readonly secret: string;
  readonly cluster: string;
  /** The run of the receiver that the sender means; "" where the view names none. */
  readonly to: string;
  readonly viewnum: number;
  /** Names this message in its answer; grows with every message of one incarnation. */
  readonly number: number;
}

/** Entries for a backup's log, in order, or none: then it is a heartbeat, or asks where the backup stands (R2). */
export interface Prepare extends Envelope {
  readonly kind: 'prepare';
  /** The whole view, until the backup answered once in it. */
  readonly view?: View;
  /** The entry before the first. */
  readonly previous: Position;
  readonly entries: readonly Entry[];
  /** The one entry that follows `previous` has travelled in pieces before; `entries` is empty then. */
  readonly large?: LargeEntryName;
  /** The primary's commit index. */
  readonly commit: number;
}

/** A large entry: the view in which it was made, and the UTF-16 units of its JSON text. */
export interface LargeEntryName {
  readonly viewnum: number;
  readonly units: number;
}

/** A part of the JSON text of one entry that is too large for one message (R2). */
export interface Piece extends Envelope {
  readonly kind: 'piece';
  /** The entry that the text becomes part of. */
  readonly entry: Position;
  /** UTF-16 units of the text that come before this part. */
  readonly from: number;
  readonly text: string;
}

/** A part of a state transfer (R7). */
export interface Chunk extends Envelope {
  readonly kind: 'chunk';
  readonly transfer: number;
  /** Counts the chunks of a transfer from 0. */
  readonly order: number;
  /** The moment that the whole transfer shows. */
  readonly position: Position;
  /** Records of all in this transfer. */
  readonly total: number;
  readonly records: readonly TransferRecord[];
  /** Part of the JSON text of one record that is too large for one chunk; the last part ends it. */
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
  /** A remembered result of the session before it. `digest`: of its operation, where one is known (S3). */
  | {
      readonly kind: 'remembered';
      readonly seq: number;
      readonly outcome: Outcome;
      readonly digest?: number | undefined;
    };

/** The primary leaves: the promises made to this incarnation end (L6). */
export interface Release extends Envelope {
  readonly kind: 'release';
}

/** A backup asks its primary for the commit index, for a linearizable read of its own (L5). */
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
      /** True: its memory is full, and it is to get no more data (M2). */
      readonly full?: boolean;
    }
  /** The previous entry is not there: where this log ends, and what of it is committed. */
  | { readonly kind: 'mismatch'; readonly last: Position; readonly commit: Position }
  /** The next chunk of this transfer that is wanted; 0: from the start. */
  | { readonly kind: 'taken'; readonly transfer: number; readonly next: number }
  /** So many UTF-16 units of the text of this entry are here, from its start on. */
  | { readonly kind: 'pieces'; readonly entry: Position; readonly units: number }
  /** This transfer needs more memory than the receiver may have (M3). */
  | { readonly kind: 'no-room'; readonly transfer: number }
  /** This transfer is of no use here (any more). */
  | { readonly kind: 'unwanted'; readonly transfer: number }
  | { readonly kind: 'released' }
  /** Commit index of the primary. */
  | { readonly kind: 'position'; readonly commitIndex: number }
  /** The sender's view is newer, and must come along whole. */
  | { readonly kind: 'view-wanted' }
  /** The sender's view is older than this one. */
  | { readonly kind: 'stale'; readonly view: View }
  /** This server does not hold the seat that the sender thinks it holds (R8). */
  | { readonly kind: 'refused'; readonly reason: string };

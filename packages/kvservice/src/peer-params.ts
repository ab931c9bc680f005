/**
 * Checks and converts the messages between servers, and the answers to them.
 *
 * Every field is checked on arrival, before the core sees the message, because the core relies on its types. A wrong
 * field is INVALID_PARAMS with its name. What depends on the receiver's state, such as whether the sender is its
 * primary, is decided by the core.
 */

import { fields, type Params, UnderstudyError } from '@understudy/rpc';
import { incarnationOf, MAX_VIEWNUM, type Position, type View, viewOf } from '@understudy/sysmonitor';
import type {
  Answer,
  Chunk,
  Envelope,
  LargeEntryName,
  Message,
  PeerMessage,
  Piece,
  Prepare,
  TransferRecord,
} from './core/message.ts';
import { faultOf } from './core/transfer-record.ts';
import { unpackEntries } from './packed.ts';

const VIEWNUM = { min: 1, max: MAX_VIEWNUM } as const;
const OLD_VIEWNUM = { max: MAX_VIEWNUM } as const;
/** More than any log will ever have, and small enough that sums with it stay exact. */
const INDEX = { max: 2 ** 52 } as const;
const NAME = { nonEmpty: true, maxBytes: 255 } as const;
const SHORT = { maxBytes: 255 } as const;
const REASON = { maxBytes: 1024 } as const;

export function readPrepare(params: Params): Prepare {
  const view = params.view === undefined ? undefined : viewOf(params.view);
  const { server, incarnation, secret, cluster, to, viewnum, number } = envelopeOf(params);
  const previous = positionOf(params, 'previous');
  const entries = unpackEntries(listOf(params, 'entries'));
  checkOrder(previous, entries, viewnum);
  const commit = fields.whole(params, 'commit', INDEX);
  if (params.large !== undefined) {
    if (entries.length > 0) throw invalid('entries', 'must be empty beside large');
    const large = largeOf(params);
    if (large.viewnum < previous.viewnum || large.viewnum > viewnum)
      throw invalid('large.viewnum', 'must not go back to an older view, nor be above viewnum');
    const bare = { kind: 'prepare', ...envelopeOf(params), previous, entries, large, commit } as const;
    return view === undefined ? bare : { ...bare, view };
  }
  // No spread here: V8 would take many times as long, and this is by far the most frequent message.
  return view === undefined
    ? { kind: 'prepare', server, incarnation, secret, cluster, to, viewnum, number, previous, entries, commit }
    : { kind: 'prepare', server, incarnation, secret, cluster, to, viewnum, number, view, previous, entries, commit };
}

export function readPiece(params: Params): Piece {
  const envelope = envelopeOf(params);
  const entry = positionOf(params, 'entry');
  if (entry.viewnum > envelope.viewnum) throw invalid('entry.viewnum', 'must not be above viewnum');
  const from = fields.whole(params, 'from', INDEX);
  return { kind: 'piece', ...envelope, entry, from, text: fields.text(params, 'text', { nonEmpty: true }) };
}

export function readChunk(params: Params): Chunk {
  const piece = fields.optionalObject(params, 'piece');
  const envelope = envelopeOf(params);
  const position = positionOf(params, 'position');
  if (position.viewnum > envelope.viewnum) throw invalid('position.viewnum', 'must not be above viewnum');
  return {
    kind: 'chunk',
    ...envelope,
    transfer: fields.whole(params, 'transfer', INDEX),
    order: fields.whole(params, 'order', INDEX),
    position,
    total: fields.whole(params, 'total', INDEX),
    records: recordsOf(params),
    ...(piece === undefined ? {} : { piece: pieceOf(piece) }),
    last: fields.boolean(params, 'last'),
  };
}

export function readRelease(params: Params): PeerMessage {
  return { kind: 'release', ...envelopeOf(params) };
}

/** Reads the answer to a message of this kind. Throws INVALID_PARAMS, with the field, if it is not one. */
export function readAnswer(kind: Message['kind'], result: unknown): Answer {
  const told = fields.object({ answer: result }, 'answer');
  if (kind === 'position') return { kind: 'position', commitIndex: fields.whole(told, 'commitIndex', INDEX) };
  const answer = fields.oneOf(told, 'kind', ANSWERS[kind]);
  switch (answer) {
    case 'accepted':
      return acceptedOf(told);
    case 'mismatch':
      return { kind: answer, last: positionOf(told, 'last'), commit: positionOf(told, 'commit') };
    case 'taken':
      return {
        kind: answer,
        transfer: fields.whole(told, 'transfer', INDEX),
        next: fields.whole(told, 'next', INDEX),
      };
    case 'pieces':
      return { kind: answer, entry: positionOf(told, 'entry'), units: fields.whole(told, 'units', INDEX) };
    case 'unwanted':
    case 'no-room':
      return { kind: answer, transfer: fields.whole(told, 'transfer', INDEX) };
    case 'refused':
      return { kind: answer, reason: fields.text(told, 'reason', REASON) };
    case 'released':
    case 'view-wanted':
      return { kind: answer };
  }
}

function acceptedOf(told: Params): Answer {
  const verified = fields.whole(told, 'verified', INDEX);
  const full = fields.optionalBoolean(told, 'full');
  return full === undefined ? { kind: 'accepted', verified } : { kind: 'accepted', verified, full };
}

/** The answers that each kind of message may get. */
const ANSWERS = {
  prepare: ['accepted', 'mismatch', 'pieces', 'view-wanted', 'refused'],
  piece: ['pieces', 'view-wanted', 'refused'],
  chunk: ['taken', 'unwanted', 'no-room', 'view-wanted', 'refused'],
  release: ['released', 'refused'],
} as const;

/**
 * The view in a STALE_VIEW failure; undefined for any other failure. Throws INVALID_PARAMS if a STALE_VIEW has no view.
 */
export function staleView(error: UnderstudyError): View | undefined {
  return error.name === 'STALE_VIEW' ? viewOf(error.data.view) : undefined;
}

function envelopeOf(params: Params): Envelope {
  return {
    server: fields.text(params, 'server', NAME),
    incarnation: incarnationOf(params, 'incarnation'),
    secret: fields.text(params, 'secret', SHORT),
    cluster: fields.text(params, 'cluster', SHORT),
    to: incarnationOf(params, 'to'),
    viewnum: fields.whole(params, 'viewnum', VIEWNUM),
    number: fields.whole(params, 'number', INDEX),
  };
}

function positionOf(params: Params, field: string): Position {
  const position = fields.object(params, field);
  return { viewnum: fields.whole(position, 'viewnum', OLD_VIEWNUM), index: fields.whole(position, 'index', INDEX) };
}

/** A piece may end in the middle of a surrogate pair, so it is not checked as well-formed text. */
function pieceOf(piece: Params): NonNullable<Chunk['piece']> {
  const { text } = piece;
  if (typeof text !== 'string') throw invalid('piece.text', 'must be text');
  return { text, ends: fields.boolean(piece, 'ends') };
}

/** Viewnums never decrease along a log, and none is greater than that of the primary. */
function checkOrder({ viewnum: first }: Position, entries: Prepare['entries'], last: number): void {
  let viewnum = first;
  for (const entry of entries) {
    if (entry.viewnum < viewnum) throw invalid('entries', 'must not go back to an older view');
    viewnum = entry.viewnum;
  }
  if (viewnum > last) throw invalid('entries', 'must not be of a newer view than the message');
}

function recordsOf(params: Params): readonly TransferRecord[] {
  const records = listOf(params, 'records');
  for (const [place, record] of records.entries()) {
    const field = faultOf(record);
    if (field !== undefined) throw invalid(`records[${place}].${field}`, 'is not what it must be');
  }
  return records as readonly TransferRecord[];
}

function largeOf(params: Params): LargeEntryName {
  const large = fields.object(params, 'large');
  return {
    viewnum: fields.whole(large, 'viewnum', VIEWNUM),
    units: fields.whole(large, 'units', { min: 1, ...INDEX }),
  };
}

function listOf(params: Params, field: string): readonly unknown[] {
  const list = params[field];
  if (!Array.isArray(list)) throw invalid(field, 'must be a list');
  return list;
}

function invalid(field: string, message: string): UnderstudyError {
  return new UnderstudyError('INVALID_PARAMS', `${field} ${message}`, { data: { field } });
}

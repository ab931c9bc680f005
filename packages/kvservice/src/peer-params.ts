/** Reads what servers send each other; a message of the wrong shape is refused before the core sees it. */
import { fields, type Params, UnderstudyError } from '@understudy/rpc';
import type { Position, View } from '@understudy/sysmonitor';
import { viewOf } from '@understudy/sysmonitor';
import type { Answer, Chunk, Envelope, PeerMessage, Prepare } from './core/message.ts';
import { unpackEntries } from './packed.ts';

export function readPrepare(params: Params): Prepare {
  const view = params.view === undefined ? undefined : viewOf(params.view);
  const { server, incarnation, viewnum, number } = envelopeOf(params);
  const previous = positionOf(params, 'previous');
  const entries = unpackEntries(listOf(params, 'entries'));
  const commit = fields.whole(params, 'commit');
  // Nothing behind a spread: V8 takes many times as long, and there are more of these than of all others.
  return view === undefined
    ? { kind: 'prepare', server, incarnation, viewnum, number, previous, entries, commit }
    : { kind: 'prepare', server, incarnation, viewnum, number, view, previous, entries, commit };
}

export function readChunk(params: Params): Chunk {
  const piece = fields.optionalObject(params, 'piece');
  return {
    kind: 'chunk',
    ...envelopeOf(params),
    transfer: fields.whole(params, 'transfer'),
    order: fields.whole(params, 'order'),
    position: positionOf(params, 'position'),
    total: fields.whole(params, 'total'),
    records: listOf(params, 'records') as Chunk['records'],
    ...(piece === undefined ? {} : { piece: { text: String(piece.text), ends: fields.boolean(piece, 'ends') } }),
    last: fields.boolean(params, 'last'),
  };
}

export function readRelease(params: Params): PeerMessage {
  return { kind: 'release', ...envelopeOf(params) };
}

/** An answer that came over the wire; a peer of another make may answer anything. */
export function readAnswer(result: unknown): Answer {
  const kind = (result as Partial<Answer> | null | undefined)?.kind;
  if (kind === undefined) return { kind: 'position', commitIndex: fields.whole(result as Params, 'commitIndex') };
  if (!ANSWERS.includes(kind))
    throw new UnderstudyError('INVALID_REQUEST', 'the peer gave an answer of an unknown kind');
  return result as Answer;
}

const ANSWERS: readonly string[] = ['accepted', 'mismatch', 'taken', 'unwanted', 'released', 'view-wanted', 'refused'];

/** The view that a STALE_VIEW brings along, if it does. */
export function staleView(error: unknown): View | undefined {
  if (!(error instanceof UnderstudyError) || error.name !== 'STALE_VIEW') return undefined;
  return error.data.view === undefined ? undefined : viewOf(error.data.view);
}

function envelopeOf(params: Params): Envelope {
  return {
    server: fields.text(params, 'server', { nonEmpty: true }),
    incarnation: fields.text(params, 'incarnation'),
    viewnum: fields.whole(params, 'viewnum', { min: 1 }),
    number: fields.whole(params, 'number'),
  };
}

function positionOf(params: Params, field: string): Position {
  const position = fields.object(params, field);
  return { viewnum: fields.whole(position, 'viewnum'), index: fields.whole(position, 'index') };
}

function listOf(params: Params, field: string): readonly unknown[] {
  const list = params[field];
  if (!Array.isArray(list)) throw new UnderstudyError('INVALID_PARAMS', `${field} must be a list`, { data: { field } });
  return list;
}

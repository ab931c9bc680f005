/** The methods and pages of a server: converts requests from the network to events of the replica. */
import { fields, type Method, type Pages, type Params, UnderstudyError } from '@understudy/rpc';
import { type BatchParts, readBatch } from './batch.ts';
import type { ServerStatus } from './contract.ts';
import type { Event } from './core/event.ts';
import type { PeerMessage } from './core/message.ts';
import { readCas, readCloseSession, readDelete, readGet, readOpenSession, readScan, readWrite } from './params.ts';
import { readChunk, readPiece, readPrepare, readRelease } from './peer-params.ts';

/** What the methods use of their server. */
export interface Door {
  step(event: Event): void;
  status(): ServerStatus;
  identity(secret: string): object;
  /** Reports a malformed message of another server. */
  onMalformed(method: string, from: unknown, reason: string): void;
  readonly batch: BatchParts;
  /** The monitor's status of the whole cluster. */
  cluster(): Promise<object>;
}

export function methodsOf(door: Door): Readonly<Record<string, Method>> {
  const { bounds } = door.batch;
  return {
    'kv.get': (params, reply) => door.step(readGet(params, reply, bounds)),
    'kv.put': (params, reply) => door.step(readWrite('put', params, reply, bounds)),
    'kv.append': (params, reply) => door.step(readWrite('append', params, reply, bounds)),
    'kv.putHash': (params, reply) => door.step(readWrite('putHash', params, reply, bounds)),
    'kv.delete': (params, reply) => door.step(readDelete(params, reply, bounds)),
    'kv.cas': (params, reply) => door.step(readCas(params, reply, bounds)),
    'kv.scan': (params, reply) => door.step(readScan(params, reply, bounds)),
    'kv.openSnapshot': (_params, reply) =>
      door.step({ kind: 'read', requester: reply, query: { kind: 'open-snapshot' } }),
    'kv.openSession': (params, reply) => door.step(readOpenSession(params, reply)),
    'kv.closeSession': (params, reply) => door.step(readCloseSession(params, reply)),
    'kv.batch': (params, reply) => {
      const event = readBatch(params, reply, door.batch);
      if (event !== undefined) door.step(event);
    },
    'kv.status': (_params, reply) => reply.result(door.status()),
    'kv.prepare': ofPeer(door, 'kv.prepare', (params) => readPrepare(params)),
    'kv.piece': ofPeer(door, 'kv.piece', (params) => readPiece(params)),
    'kv.chunk': ofPeer(door, 'kv.chunk', (params) => readChunk(params)),
    'kv.release': ofPeer(door, 'kv.release', (params) => readRelease(params)),
    'kv.identity': (params, reply) => reply.result(door.identity(fields.text(params, 'secret', { maxBytes: 255 }))),
    'kv.position': (params, reply) => {
      fields.whole(params, 'viewnum');
      door.step({ kind: 'read', requester: reply, query: { kind: 'position' } });
    },
  };
}

/** Handles a message of another server. A malformed one is refused, reported and counted. */
function ofPeer(door: Door, method: string, read: (params: Params) => PeerMessage): Method {
  return (params, reply) => {
    let message: PeerMessage;
    try {
      message = read(params);
    } catch (error) {
      if (!(error instanceof UnderstudyError)) throw error;
      door.onMalformed(method, params.server, error.message);
      throw error;
    }
    door.step({ kind: 'message', requester: reply, message });
  };
}

export function pagesOf(door: Pick<Door, 'status' | 'cluster'>): Pages {
  return {
    '/health': () => {
      const { role, ready, view } = door.status();
      return { status: ready ? 200 : 503, body: { ready, role, viewnum: view.viewnum } };
    },
    '/status': () => ({ status: 200, body: door.status() }),
    '/cluster/status': async () => ({ status: 200, body: await door.cluster() }),
  };
}

/** The methods and pages of a server: the wire on one side, the replica's events on the other. */
import { fields, type Method, type Pages } from '@understudy/rpc';
import { type BatchParts, readBatch } from './batch.ts';
import type { ServerStatus } from './contract.ts';
import type { Event } from './core/event.ts';
import { readCas, readDelete, readGet, readOpenSession, readScan, readWrite } from './params.ts';
import { readChunk, readPrepare, readRelease } from './peer-params.ts';

/** What the methods need of their server. */
export interface Door {
  step(event: Event): void;
  status(): ServerStatus;
  readonly batch: BatchParts;
  /** What the monitor says of the whole cluster. */
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
    'kv.batch': (params, reply) => {
      const event = readBatch(params, reply, door.batch);
      if (event !== undefined) door.step(event);
    },
    'kv.status': (_params, reply) => reply.result(door.status()),
    'kv.prepare': (params, reply) => door.step({ kind: 'message', requester: reply, message: readPrepare(params) }),
    'kv.chunk': (params, reply) => door.step({ kind: 'message', requester: reply, message: readChunk(params) }),
    'kv.release': (params, reply) => door.step({ kind: 'message', requester: reply, message: readRelease(params) }),
    'kv.position': (params, reply) => {
      fields.whole(params, 'viewnum');
      door.step({ kind: 'read', requester: reply, query: { kind: 'position' } });
    },
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

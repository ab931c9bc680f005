/** A listener for the tests of the wire, with a bystander: another connection that must go on unharmed, whatever the test does. */
import {
  fields,
  type Limits,
  type Listener,
  type Method,
  type Pages,
  type Reply,
  realWorld,
  UnderstudyError,
  type World,
} from '@understudy/rpc';
import { expect } from 'chai';
import { RawConnection } from './raw-connection.ts';

export interface Service {
  readonly address: string;
  readonly world: World;
  readonly listener: Listener;
  /** Replies that `test.hold` was given, oldest first. */
  readonly held: Reply[];
  /** Params of the calls of `test.note`, and what was put. */
  readonly noted: unknown[];
  /** The signals of requests for `/waiting`, oldest first. */
  readonly waiting: readonly AbortSignal[];
  readonly defects: unknown[];
  /** The bystander has an answer due, and gets it; so does a newcomer. */
  expectOthersUnharmed(): Promise<void>;
  close(): Promise<void>;
}

export async function startService(limits: Partial<Limits> = {}, address = '127.0.0.1:0'): Promise<Service> {
  const held: Reply[] = [];
  const noted: unknown[] = [];
  const waiting: AbortSignal[] = [];
  const defects: unknown[] = [];
  const methods: Record<string, Method> = {
    ...STAND_INS,
    'test.echo': (params, reply) => reply.result(params),
    'test.hold': (_params, reply) => void held.push(reply),
    'test.peer': ({ fails }, reply) => {
      if (fails === true) reply.failure(new UnderstudyError('STALE_VIEW', 'of no node of this cluster'));
      else reply.result({});
    },
    'test.note': (params, reply) => {
      noted.push(params);
      reply.result({});
    },
    'test.twice': (_params, reply) => {
      reply.result({ answer: 1 });
      reply.result({ answer: 2 });
      reply.failure(new UnderstudyError('NOT_READY', 'third'));
    },
    'test.defect': () => {
      throw new TypeError('a secret of /home/somebody/file.ts');
    },
    'test.text': (params, reply) => reply.result({ text: 'x'.repeat(fields.whole(params, 'length')) }),
  };
  const world = realWorld({ limits, onDefect: (defect) => defects.push(defect) });
  const pages = {
    '/status': () => ({ status: 200, body: { fine: true } }),
    '/health': async () => ({ status: 503, body: { serves: false } }),
    '/defect': () => {
      throw new TypeError('a secret page');
    },
    '/refused': () => {
      throw new UnderstudyError('OVERLOADED', 'too much to do', { data: { retryAfterMs: 1_200 } });
    },
    '/things/': {
      GET: ({ method, rest, query, headers }) => ({ status: 200, body: { method, rest, query, mark: headers.mark } }),
      PUT: ({ rest, body }) => {
        noted.push({ rest, body });
        return { status: 201, body, headers: { ETag: '"7"' } };
      },
      DELETE: () => ({ status: 204 }),
    },
    '/kv/': { PUT: () => ({ status: 200, body: {} }) },
    '/waiting': ({ signal }) =>
      new Promise((resolve) => {
        waiting.push(signal);
        signal.addEventListener('abort', () => resolve({ status: 200, body: 'to nobody' }));
      }),
  } satisfies Pages;
  const listener = await world.transport.listen({ address, methods, pages, peerMethods: ['test.peer'] });
  const bystander = await RawConnection.open(listener.address);
  let asked = 0;
  return {
    address: listener.address,
    world,
    listener,
    held,
    noted,
    waiting,
    defects,
    expectOthersUnharmed: async () => {
      const newcomer = await RawConnection.open(listener.address);
      for (const connection of [bystander, newcomer]) {
        const id = `unharmed ${++asked}`;
        connection.request(id, 'test.echo', { id });
        expect(await connection.answer()).to.deep.equal({ jsonrpc: '2.0', id, result: { id } });
      }
      newcomer.close();
    },
    close: async () => {
      bystander.close();
      await world.transport.close();
      await listener.close();
    },
  };
}

/** They read their params as the real ones do. */
const STAND_INS: Readonly<Record<string, Method>> = {
  'sysmonitor.ping': (params, reply) => {
    fields.text(params, 'server');
    fields.whole(params, 'viewnum');
    reply.result({});
  },
  'kv.put': (params, reply) => {
    fields.text(params, 'key', { nonEmpty: true, maxBytes: 1_024 });
    fields.text(params, 'value', { maxBytes: 1_048_576 });
    reply.result({});
  },
};

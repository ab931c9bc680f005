/** etcd with three nodes and its defaults: a heartbeat of 100 ms, an election after 1 s; etcd3 with its own. */
import { Etcd3, type IOptions } from 'etcd3';
import { type EtcdNodes, startEtcdNodes } from '../peers/etcd.ts';
import { eventually, type Program } from '../peers/program.ts';
import type { Client, Contender, Stage } from './contender.ts';

const RETRY_MS = 10;
/** What reaches a follower that has lost its leader is not answered for seconds: a program may give up before. */
const DEADLINE_MS = 500;

/** Without its circuit breaker etcd3 asks a node again at once; with it, after five seconds. */
const NO_BREAKER: NonNullable<NonNullable<IOptions['faultHandling']>['global']> = {
  _altReturn: undefined as never,
  onSuccess: () => ({ dispose: () => {} }),
  onFailure: () => ({ dispose: () => {} }),
  execute: async (call, signal = new AbortController().signal) => call({ signal }),
};

export const ETCD: Contender = { name: 'etcd', start };

async function start(): Promise<Stage> {
  const cluster = await startEtcdNodes();
  const kv = new Etcd3({ hosts: cluster.urls });
  const tuned = new Etcd3({ hosts: cluster.urls, faultHandling: { host: () => NO_BREAKER } });
  const client = (name: string, kv: Etcd3, deadline: () => { readonly deadline?: number }): Client => ({
    name,
    retryMs: RETRY_MS,
    put: (key, value) => kv.put(`${name}/${key}`).value(value).options(deadline()).exec(),
    get: (key) => kv.get(`${name}/${key}`).string(),
  });
  let leader: Program | undefined;
  await eventually(async () => {
    leader = await leaderOf(cluster);
  });
  return {
    clients: [
      client('etcd', kv, () => ({})),
      client('etcd, tuned etcd3', tuned, () => ({ deadline: Date.now() + DEADLINE_MS })),
    ],
    signalPrimary: async (signal) => leader?.signal(signal),
    [Symbol.asyncDispose]: async () => {
      kv.close();
      tuned.close();
      await cluster[Symbol.asyncDispose]();
    },
  };
}

async function leaderOf({ nodes }: EtcdNodes): Promise<Program> {
  for (const { url, program } of nodes) {
    const kv = new Etcd3({ hosts: url });
    try {
      const { header, leader } = await kv.maintenance.status();
      if (header.member_id === leader) return program;
    } finally {
      kv.close();
    }
  }
  throw new Error('no node is the leader');
}

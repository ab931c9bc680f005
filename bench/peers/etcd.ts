/** etcd: three nodes, each with its disk; a write is acknowledged when a majority has it there. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Etcd3 } from 'etcd3';
import type { Peer } from './peer.ts';
import { eventually, freePorts, Program, Scratch } from './program.ts';

const NAMES = ['one', 'two', 'three'] as const;

/** Three nodes that have a leader. */
export interface EtcdNodes extends AsyncDisposable {
  /** Where each node serves clients, and its process. */
  readonly nodes: readonly { readonly name: string; readonly url: string; readonly program: Program }[];
  readonly urls: string[];
}

/** `parent`: where the nodes keep their data. */
export async function startEtcdNodes(parent: string = tmpdir()): Promise<EtcdNodes> {
  const directory = await Scratch.make('etcd', parent);
  const ports = await freePorts(2 * NAMES.length);
  const url = (port: number | undefined) => `http://127.0.0.1:${port}`;
  const places = NAMES.map((name, at) => ({ name, client: url(ports[2 * at]), peer: url(ports[2 * at + 1]) }));
  const nodes = places.map(({ name, client, peer }) => ({
    name,
    url: client,
    program: new Program('etcd', [
      ...['--name', name, '--data-dir', join(directory.path, name), '--log-level', 'error'],
      ...['--listen-client-urls', client, '--advertise-client-urls', client],
      ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer],
      ...['--initial-cluster', places.map((place) => `${place.name}=${place.peer}`).join(',')],
    ]),
  }));
  const urls = nodes.map((node) => node.url);
  const kv = new Etcd3({ hosts: urls });
  await eventually(async () => {
    await kv.put('hello').value('there');
  });
  kv.close();
  return {
    nodes,
    urls,
    [Symbol.asyncDispose]: async () => {
      await Promise.all(nodes.map(({ program }) => program[Symbol.asyncDispose]()));
      await directory[Symbol.asyncDispose]();
    },
  };
}

/** `parent`: where the nodes keep their data. */
export async function startEtcd(parent: string = tmpdir()): Promise<Peer> {
  const cluster = await startEtcdNodes(parent);
  const kv = new Etcd3({ hosts: cluster.urls });
  return {
    name: 'etcd, three nodes',
    servers: new Map(cluster.nodes.map(({ name, program }) => [name, program.pid])),
    put: (key, value) => kv.put(key).value(value).exec(),
    get: (key) => kv.get(key).string(),
    [Symbol.asyncDispose]: async () => {
      kv.close();
      await cluster[Symbol.asyncDispose]();
    },
  };
}

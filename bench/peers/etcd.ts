/** etcd: three nodes, each with its disk; a write is acknowledged when a majority has it there. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Etcd3 } from 'etcd3';
import type { Peer } from './peer.ts';
import { eventually, freePorts, Program } from './program.ts';

const NAMES = ['one', 'two', 'three'] as const;

/** `parent`: where the nodes keep their data. */
export async function startEtcd(parent: string = tmpdir()): Promise<Peer> {
  const directory = await mkdtemp(join(parent, 'understudy-etcd-'));
  const ports = await freePorts(2 * NAMES.length);
  const url = (port: number | undefined) => `http://127.0.0.1:${port}`;
  const nodes = NAMES.map((name, at) => ({ name, client: url(ports[2 * at]), peer: url(ports[2 * at + 1]) }));
  const programs = nodes.map(
    ({ name, client, peer }) =>
      new Program('etcd', [
        ...['--name', name, '--data-dir', join(directory, name), '--log-level', 'error'],
        ...['--listen-client-urls', client, '--advertise-client-urls', client],
        ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer],
        ...['--initial-cluster', nodes.map((node) => `${node.name}=${node.peer}`).join(',')],
      ]),
  );
  const kv = new Etcd3({ hosts: nodes.map(({ client }) => client) });
  await eventually(async () => {
    await kv.put('hello').value('there');
  });
  return {
    name: 'etcd, three nodes',
    servers: new Map(programs.map(({ pid }, at) => [NAMES[at] ?? '', pid])),
    put: (key, value) => kv.put(key).value(value).exec(),
    get: (key) => kv.get(key).string(),
    [Symbol.asyncDispose]: async () => {
      kv.close();
      await Promise.all(programs.map((program) => program[Symbol.asyncDispose]()));
      await rm(directory, { recursive: true, force: true });
    },
  };
}

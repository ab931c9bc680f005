/** Redis: a primary in memory; a replica attaches, and gets everything by a full resync. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { eventually, freePorts, Program, Scratch } from '../peers/program.ts';
import type { Joined, Side } from './side.ts';

const HOST = '127.0.0.1';
const LOADS_AT_ONCE = 5_000;

export async function startRedis(keys: number, value: string): Promise<Side> {
  const directory = await Scratch.make('redis');
  const [port = 0] = await freePorts(1);
  const program = startServer(port, directory.path);
  const redis = connect(port);
  await eventually(async () => void (await redis.ping()));
  await fill(redis, keys, value);
  return {
    name: 'Redis',
    put: (key, text) => redis.set(key, text),
    primaryPid: program.pid,
    join: () => attach(redis, port, directory.path),
    [Symbol.asyncDispose]: async () => {
      redis.disconnect();
      await program[Symbol.asyncDispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

async function attach(primary: Redis, primaryPort: number, directory: string): Promise<Joined> {
  const [port = 0] = await freePorts(1);
  const program = startServer(port, directory);
  const replica = connect(port);
  await eventually(async () => void (await replica.ping()));
  await replica.replicaof(HOST, primaryPort);
  return {
    pid: program.pid,
    inSync: async () => {
      while (!/slave\d+:.*state=online/.test(await primary.info('replication'))) await sleep(5);
      while (!/master_link_status:up/.test(await replica.info('replication'))) await sleep(5);
    },
    leave: async () => {
      replica.disconnect();
      await program[Symbol.asyncDispose]();
      while (!/connected_slaves:0/.test(await primary.info('replication'))) await sleep(5);
    },
    forkedBytes: async () => Number(/rdb_last_cow_size:(\d+)/.exec(await primary.info('persistence'))?.[1] ?? 0),
  };
}

/** Begins a resync at once, not after the five seconds in which more replicas might come. */
function startServer(port: number, directory: string): Program {
  return new Program('redis-server', [
    ...['--port', String(port), '--bind', HOST, '--dir', directory, '--save', '', '--appendonly', 'no'],
    ...['--repl-diskless-sync', 'yes', '--repl-diskless-sync-delay', '0'],
  ]);
}

function connect(port: number): Redis {
  const redis = new Redis({ host: HOST, port });
  redis.on('error', () => {}); // until it listens
  return redis;
}

async function fill(redis: Redis, keys: number, value: string): Promise<void> {
  for (let first = 0; first < keys; first += LOADS_AT_ONCE) {
    const pipeline = redis.pipeline();
    for (let key = first; key < Math.min(keys, first + LOADS_AT_ONCE); key += 1) pipeline.set(`state/${key}`, value);
    await pipeline.exec();
  }
}

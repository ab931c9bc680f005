/** Redis with a primary and two replicas in memory, and three Sentinels that replace the primary when two agree that it is down. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { eventually, freePorts, Program, Scratch } from '../peers/program.ts';
import type { Client, Contender, Stage } from './contender.ts';

const GROUP = 'bench';
const HOST = '127.0.0.1';
const DOWN_AFTER_MS = 500;
const QUORUM = 2;
const WAIT_MS = 1_000;
const RETRY_MS = 10;

/** Comes back to the Sentinels soon, and is told by them: the best that options of ioredis can do. */
const TUNED = {
  retryStrategy: () => 20,
  sentinelRetryStrategy: () => 20,
  failoverDetector: true,
  maxRetriesPerRequest: null,
};

export const SENTINEL: Contender = { name: 'Redis Sentinel', start };

export const ROWS = {
  waiting: 'Sentinel, SET+WAIT',
  waitingTuned: 'Sentinel, SET+WAIT, tuned ioredis',
  tuned: 'Sentinel, SET alone, tuned ioredis',
} as const;

async function start(): Promise<Stage> {
  const directory = await Scratch.make('sentinel');
  const ports = await freePorts(3);
  const sentinelPorts = await freePorts(3);
  const [primaryPort = 0] = ports;
  const servers = new Map(ports.map((port) => [port, startServer(port, primaryPort, directory.path)]));
  await eventually(() => replicasFollow(primaryPort));
  const sentinels: Program[] = [];
  for (const port of sentinelPorts) sentinels.push(await startSentinel(port, primaryPort, directory.path));
  await eventually(() => sentinelsAgree(sentinelPorts));
  const connections: Redis[] = [];
  const connect = (options: Partial<typeof TUNED>): Redis => {
    const addresses = sentinelPorts.map((port) => ({ host: HOST, port }));
    const connection = new Redis({ sentinels: addresses, name: GROUP, ...options });
    connection.on('error', () => {}); // while there is no primary; commands fail or wait by themselves
    connections.push(connection);
    return connection;
  };
  return {
    clients: [
      waiting(ROWS.waiting, connect({})),
      waiting(ROWS.waitingTuned, connect(TUNED)),
      plain(ROWS.tuned, connect(TUNED)),
    ],
    signalPrimary: async (signal) => servers.get(primaryPort)?.signal(signal),
    [Symbol.asyncDispose]: async () => {
      for (const connection of connections) connection.disconnect();
      await Promise.all([...sentinels, ...servers.values()].map((program) => program[Symbol.asyncDispose]()));
      await directory[Symbol.asyncDispose]();
    },
  };
}

function waiting(name: string, redis: Redis): Client {
  return {
    ...plain(name, redis),
    put: async (key, value) => {
      // Both at once: the one that fails must not leave the other failing with nobody there to hear it.
      const [, holders] = await Promise.all([redis.set(`${name}/${key}`, value), redis.wait(1, WAIT_MS)]);
      if (holders < 1) throw new Error('no replica has it');
    },
  };
}

function plain(name: string, redis: Redis): Client {
  return {
    name,
    retryMs: RETRY_MS,
    put: (key, value) => redis.set(`${name}/${key}`, value),
    get: (key) => redis.get(`${name}/${key}`),
  };
}

function startServer(port: number, primaryPort: number, directory: string): Program {
  const follows = port === primaryPort ? [] : ['--replicaof', `${HOST} ${primaryPort}`];
  return new Program('redis-server', [
    ...['--port', String(port), '--bind', HOST, '--dir', directory, '--save', '', '--appendonly', 'no'],
    ...['--repl-diskless-sync-delay', '0', ...follows],
  ]);
}

/** A Sentinel rewrites its own configuration. */
async function startSentinel(port: number, primaryPort: number, directory: string): Promise<Program> {
  const file = join(directory, `sentinel-${port}.conf`);
  const lines = [
    `port ${port}`,
    `bind ${HOST}`,
    `dir ${directory}`,
    `sentinel monitor ${GROUP} ${HOST} ${primaryPort} ${QUORUM}`,
    `sentinel down-after-milliseconds ${GROUP} ${DOWN_AFTER_MS}`,
  ];
  await writeFile(file, `${lines.join('\n')}\n`);
  return new Program('redis-server', [file, '--sentinel']);
}

async function replicasFollow(port: number): Promise<void> {
  await asking(port, async (redis) => {
    await redis.set('hello', 'there');
    if ((await redis.wait(2, 100)) < 2) throw new Error('the replicas have nothing yet');
  });
}

/** Each knows the replicas and the other Sentinels. */
async function sentinelsAgree(ports: readonly number[]): Promise<void> {
  for (const port of ports) {
    await asking(port, async (redis) => {
      const answer = (await redis.call('SENTINEL', 'MASTER', GROUP)) as string[] | Record<string, string>;
      const fields = Array.isArray(answer) ? pairs(answer) : new Map(Object.entries(answer));
      const isReady = fields.get('num-slaves') === '2' && fields.get('num-other-sentinels') === '2';
      if (!isReady) throw new Error('a Sentinel does not know everybody yet');
    });
  }
}

function pairs(list: readonly string[]): ReadonlyMap<string, string> {
  return new Map(list.flatMap((name, at) => (at % 2 === 0 ? [[name, list[at + 1] ?? ''] as const] : [])));
}

async function asking(port: number, body: (redis: Redis) => Promise<void>): Promise<void> {
  const redis = new Redis({ host: HOST, port, maxRetriesPerRequest: 0, retryStrategy: () => null });
  redis.on('error', () => {}); // the command tells
  try {
    await body(redis);
  } finally {
    redis.disconnect();
  }
}

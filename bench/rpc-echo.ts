/**
 * Echoes a second between two processes, at several numbers of calls in flight, and the processor time that each process spends on one:
 * on a machine that is busy otherwise, only that says something.
 * `node --import tsx --conditions=understudy-source bench/rpc-echo.ts [SECONDS=2]`
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createHistogram } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { type Address, realWorld, type Transport } from '@understudy/rpc';

const IN_FLIGHT = [1, 64, 256, 1_024];
const PARAMS = {
  key: 'a key of twenty bytes',
  value: 'v'.repeat(40),
  session: 'cluster-1.17',
  seq: 12_345,
  acked: 12_300,
};

if (process.send === undefined) await measure(Number(process.argv[2] ?? 2));
else await serve();

async function serve(): Promise<void> {
  const listener = await realWorld().transport.listen({
    address: '127.0.0.1:0',
    methods: {
      'bench.echo': (params, reply) => reply.result(params),
      'bench.cpu': (_params, reply) => reply.result(process.cpuUsage()),
    },
  });
  process.send?.(listener.address);
}

async function measure(seconds: number): Promise<void> {
  const server: ChildProcess = fork(fileURLToPath(import.meta.url));
  const [address] = (await once(server, 'message')) as [Address];
  const { transport } = realWorld();
  await echoes({ transport, address, inFlight: 256, seconds: 1 }); // warms up
  for (const inFlight of IN_FLIGHT) {
    const cpuOfServer = async (): Promise<number> =>
      microseconds((await transport.call(address, 'bench.cpu', {}, { timeoutMs: 5_000 })) as NodeJS.CpuUsage);
    const before = { client: microseconds(process.cpuUsage()), server: await cpuOfServer() };
    const { count, p50, p99 } = await echoes({ transport, address, inFlight, seconds });
    const client = ((microseconds(process.cpuUsage()) - before.client) / count).toFixed(2);
    const serverCost = (((await cpuOfServer()) - before.server) / count).toFixed(2);
    const rate = Math.round(count / seconds).toLocaleString('en');
    console.log(
      `${String(inFlight).padStart(5)} in flight: ${rate.padStart(8)} echoes/s, p50 ${p50} ms, p99 ${p99} ms; ` +
        `processor us an echo: client ${client}, server ${serverCost}`,
    );
  }
  await transport.close();
  server.kill();
}

function microseconds({ user, system }: NodeJS.CpuUsage): number {
  return user + system;
}

interface Load {
  readonly transport: Transport;
  readonly address: Address;
  readonly inFlight: number;
  readonly seconds: number;
}

async function echoes({
  transport,
  address,
  inFlight,
  seconds,
}: Load): Promise<{ count: number; p50: string; p99: string }> {
  const histogram = createHistogram();
  const end = performance.now() + seconds * 1_000;
  let count = 0;
  const caller = async (): Promise<void> => {
    for (let now = performance.now(); now < end; count++) {
      await transport.call(address, 'bench.echo', PARAMS, { timeoutMs: 5_000 });
      const then = now;
      now = performance.now();
      histogram.record(Math.max(1, Math.round((now - then) * 1_000)));
    }
  };
  await Promise.all(Array.from({ length: inFlight }, caller));
  const percentile = (rank: number): string => (histogram.percentile(rank) / 1_000).toFixed(2);
  return { count, p50: percentile(50), p99: percentile(99) };
}

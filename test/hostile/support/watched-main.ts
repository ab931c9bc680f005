/** The process of watched-process.ts. */
import { performance } from 'node:perf_hooks';
import { type ServerOptions, startServer } from '@understudy/kvservice';
import { type MonitorOptions, startMonitor } from '@understudy/sysmonitor';

const [, , kind, json = '{}'] = process.argv;
const options: object = JSON.parse(json);
let longestMs = 0;
let before = { clock: performance.now(), cpu: process.cpuUsage() };

function watch(): void {
  const clock = performance.now();
  const cpu = process.cpuUsage();
  const usedMs = (cpu.user + cpu.system - before.cpu.user - before.cpu.system) / 1_000;
  longestMs = Math.max(longestMs, Math.min(clock - before.clock, usedMs));
  before = { clock, cpu };
  setImmediate(watch);
}

const node =
  kind === 'monitor'
    ? await startMonitor({ listen: '127.0.0.1:0', newCluster: true, ...options } as MonitorOptions)
    : await startServer({ listen: '127.0.0.1:0', ...options } as ServerOptions);
process.on('message', () => {
  const { rss, heapUsed } = process.memoryUsage();
  process.send?.({ longestMs, rss, heapUsed });
  longestMs = 0;
});
process.on('disconnect', () => process.exit(0));
watch();
process.send?.({ address: node.address });

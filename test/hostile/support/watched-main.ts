/** The process of watched-process.ts. */
import { type ServerOptions, startServer } from '@understudy/kvservice';
import { type MonitorOptions, startMonitor } from '@understudy/sysmonitor';
import { TurnMeter } from './turn-meter.ts';

const [, , kind, json = '{}'] = process.argv;
const options: object = JSON.parse(json);
const meter = new TurnMeter();

const node =
  kind === 'monitor'
    ? await startMonitor({ listen: '127.0.0.1:0', newCluster: true, ...options } as MonitorOptions)
    : await startServer({ listen: '127.0.0.1:0', ...options } as ServerOptions);
process.on('message', (question) => {
  if (question === 'slowness') {
    process.send?.({ slowness: meter.slowness() });
    return;
  }
  const { rss, heapUsed } = process.memoryUsage();
  process.send?.({ worstTurn: meter.take(), rss, heapUsed });
});
process.on('disconnect', () => process.exit(0));
process.send?.({ address: node.address });

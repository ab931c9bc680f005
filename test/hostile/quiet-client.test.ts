/** A client that is quiet for longer than a stranger's connection may be idle does not notice; servers stay connected all the time. */
import { KVClient, startServer } from '@understudy/kvservice';
import { realWorld } from '@understudy/rpc';
import { startMonitor } from '@understudy/sysmonitor';
import { expect } from 'chai';

describe('a quiet client', () => {
  it('works after its connections were ended for idleness', async () => {
    const worlds = Array.from({ length: 3 }, () => realWorld({ limits: { idleTimeoutMs: 1_000 } }));
    const [monitorWorld, ...serverWorlds] = worlds;
    const listen = '127.0.0.1:0';
    const monitor = await startMonitor({ listen, newCluster: true, ...(monitorWorld && { world: monitorWorld }) });
    const start = (index: number) => {
      const world = serverWorlds[index];
      return startServer({ listen, monitors: monitor.address, ...(world && { world }) });
    };
    const server = await start(0);
    const client = new KVClient({ monitors: monitor.address });
    await client.put('k', 'before');
    const backup = await start(1);
    for (let round = 0; round < 2; round++) {
      await new Promise((resolve) => setTimeout(resolve, 3_500));
      expect(await client.get('k')).to.equal('before');
      await client.append('k', '');
    }
    expect(monitor.view.primary).to.equal(server.address);
    await client.close();
    await backup.close();
    await server.close();
    await monitor.close();
    for (const world of worlds) await world.transport.close();
  });
});

import { type Params, realWorld, type UnderstudyError } from '@understudy/rpc';
import { expect } from 'chai';
import { eventually } from '../cli/command.ts';
import { RealCluster } from './real-cluster.ts';

const READS = 200;
/** Far above the 900 ms that scenario 14 allows in virtual time: here a whole machine may stand still for a while. */
const STALL_BOUND_MS = 5_000;

describe('real processes: a server stands still for a while and goes on', function () {
  this.timeout(60_000);

  it('the primary, longer than its lease, with reads queued: no stale answer; then it is a backup that works', async () => {
    await using cluster = await RealCluster.start(2);
    const { transport } = realWorld();
    const { kv } = cluster;
    await kv.put('x', 'old');
    const { primary: first, backup: second } = await cluster.inSync();
    const read = () =>
      transport.call(first, 'kv.get', { key: 'x' }, { timeoutMs: 20_000 }).then(
        (result) => String((result as Params).value),
        (error: UnderstudyError) => error.name,
      );
    expect(await read()).to.equal('old');

    cluster.signal(first, 'SIGSTOP');
    const before = Array.from({ length: READS }, read);
    await kv.put('x', 'new');
    expect(kv.view.primary).to.equal(second);
    // These were asked after the write was acknowledged: "old" would be stale.
    const after = Array.from({ length: READS }, read);
    await transport.call(second, 'kv.status', {}, { timeoutMs: 20_000 });
    cluster.signal(first, 'SIGCONT');
    expect([...new Set(await Promise.all(after))]).to.not.include('old');
    await Promise.all(before);
    await transport.close();

    expect(await cluster.inSync()).to.deep.equal({ primary: second, backup: first });
    cluster.signal(second, 'SIGKILL');
    expect(await kv.get('x')).to.equal('new');
    await kv.put('x', 'newest');
    expect(kv.view.primary).to.equal(first);
    expect(await kv.get('x')).to.equal('newest');
  });

  it('the backup: writes go on after a bounded stall; then it is a backup again', async () => {
    await using cluster = await RealCluster.start(2);
    const { kv } = cluster;
    const { primary, backup } = await cluster.inSync();
    cluster.signal(backup, 'SIGSTOP');
    const stoppedAtMs = performance.now();
    await kv.put('x', '1');
    expect(performance.now() - stoppedAtMs).to.be.below(STALL_BOUND_MS);
    expect((await cluster.status()).view).to.deep.include({ primary, backups: [] });
    cluster.signal(backup, 'SIGCONT');
    expect(await cluster.inSync()).to.deep.equal({ primary, backup });
    cluster.signal(primary, 'SIGKILL');
    expect(await kv.get('x')).to.equal('1');
  });

  it('the monitor: reads and writes go on meanwhile, and afterwards nothing has changed', async () => {
    await using cluster = await RealCluster.start(2);
    const { kv } = cluster;
    const before = await cluster.inSync();
    // From here on the client knows the primary.
    await kv.put('x', 'first');
    cluster.signalMonitor('SIGSTOP');
    const endMs = performance.now() + 1_500;
    let writes = 0;
    while (performance.now() < endMs || writes <= 100) {
      await kv.put('x', String(writes));
      expect(await kv.get('x')).to.equal(String(writes));
      writes += 1;
    }
    expect(writes).to.be.greaterThan(100);
    cluster.signalMonitor('SIGCONT');
    await eventually('the monitor answers', () => cluster.status());
    expect(await cluster.inSync()).to.deep.equal(before);
  });
});

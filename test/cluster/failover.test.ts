import { expect } from 'chai';
import { Ledger } from '../../bench/support/ledger.ts';
import { eventually } from '../cli/command.ts';
import { RealCluster } from './real-cluster.ts';

const WRITERS = 4;
const ROUNDS = 3;

describe('real processes: the primary goes while writers put and append without a pause', function () {
  this.timeout(60_000);

  for (const [signal, what] of [
    ['SIGKILL', 'is killed'],
    ['SIGTERM', 'leaves on purpose'],
  ] as const) {
    it(`it ${what}, three times: no acknowledged write is lost or doubled`, async () => {
      await using cluster = await RealCluster.start(3);
      const ledgers = Array.from({ length: WRITERS }, (_, index) => new Ledger(cluster.kv, `writer-${index}`));
      const writing = Promise.all(ledgers.map((ledger) => ledger.run()));
      for (let round = 0; round < ROUNDS; round += 1) {
        const { primary } = await cluster.inSync();
        cluster.signal(primary, signal);
        await eventually('another server is primary', async () => (await cluster.status()).view.primary !== primary);
        await untilAllWrite(ledgers);
        await cluster.addServer();
      }
      for (const ledger of ledgers) ledger.stop();
      await writing;
      const audits = await Promise.all(ledgers.map((ledger) => ledger.audit()));
      expect(audits.flatMap(({ examples }) => examples)).to.deep.equal([]);
      expect(audits.every(({ acknowledged, lost, doubled }) => acknowledged > 0 && lost + doubled === 0)).to.equal(
        true,
      );
    });
  }
});

/** Each writer has had a write acknowledged that was begun after now. */
async function untilAllWrite(ledgers: readonly Ledger[]): Promise<void> {
  const before = ledgers.map(({ count }) => count + 1);
  await eventually('writes go on', () => ledgers.every(({ count }, index) => count > (before[index] ?? 0)));
}

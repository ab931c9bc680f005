/** Prometheus' own tool reads the metrics of a server and of the monitor, and finds nothing to mend. */
import { startCluster } from '@understudy/testkit';
import { expect } from 'chai';
import { checkMetrics, needsPromtool } from './promtool.ts';
import { text } from './scrape.ts';

describe('promtool check metrics', () => {
  before(function () {
    return needsPromtool(this);
  });

  it('notices what is wrong', async () => {
    const metrics = '# HELP bad_count Bad.\n# TYPE bad_count counter\nbad_count 1\n';
    expect(await checkMetrics(metrics)).to.deep.include({ code: 3 });
  });

  it('finds nothing in the metrics of servers and monitor', async () => {
    await using cluster = await startCluster({ servers: 2, pingInterval: 50 });
    const kv = cluster.client();
    await kv.put('k', 'v');
    await kv.get('k');
    for (const address of [cluster.primary, cluster.backups[0] ?? '', cluster.monitor]) {
      const shown = await text(address);
      expect(shown).to.contain('understudy_request_duration_seconds_bucket');
      expect(await checkMetrics(shown), address).to.deep.equal({ code: 0, said: '' });
    }
  });
});

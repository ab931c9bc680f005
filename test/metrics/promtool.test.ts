/** Prometheus' own tool reads the metrics of a server and of the monitor, and finds nothing to mend. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { startCluster } from '@understudy/testkit';
import { expect } from 'chai';
import { text } from './scrape.ts';

interface Checked {
  readonly code: number;
  readonly said: string;
}

/** Undefined where the program is not installed. */
async function promtool(metrics: string): Promise<Checked | undefined> {
  const program = spawn('promtool', ['check', 'metrics']);
  const isThere = await Promise.race([
    once(program, 'spawn').then(() => true),
    once(program, 'error').then(() => false),
  ]);
  if (!isThere) return undefined;
  program.stdin.end(metrics);
  let said = '';
  for (const stream of [program.stdout, program.stderr]) stream.on('data', (data) => (said += String(data)));
  const [code] = (await once(program, 'close')) as [number];
  return { code, said };
}

describe('promtool check metrics', () => {
  before(async function () {
    if ((await promtool('')) !== undefined) return;
    if (process.env.CI === 'true') throw new Error('promtool is not installed');
    this.skip();
  });

  it('notices what is wrong', async () => {
    const metrics = '# HELP bad_count Bad.\n# TYPE bad_count counter\nbad_count 1\n';
    expect(await promtool(metrics)).to.deep.include({ code: 3 });
  });

  it('finds nothing in the metrics of servers and monitor', async () => {
    await using cluster = await startCluster({ servers: 2, pingInterval: 50 });
    const kv = cluster.client();
    await kv.put('k', 'v');
    await kv.get('k');
    for (const address of [cluster.primary, cluster.backups[0] ?? '', cluster.monitor]) {
      const shown = await text(address);
      expect(shown).to.contain('understudy_request_duration_seconds_bucket');
      expect(await promtool(shown), address).to.deep.equal({ code: 0, said: '' });
    }
  });
});

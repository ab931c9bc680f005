import { KVClient } from '@understudy/kvservice';
import { MonitorClient, type View } from '@understudy/sysmonitor';
import { expect } from 'chai';
import { CommandProcess, eventually, runHere } from '../cli/command.ts';

const DISAGREE = /the monitors disagree: \S+ has view \d+: .*; \S+ has view \d+: /;

describe('real processes: two monitors that have a state each', function () {
  this.timeout(180_000);

  it('servers and status name them, and a client that asks the wrong one finds the primary after a death', async () => {
    await using former = new CommandProcess('monitor', '--new', '--listen', '0');
    await using later = new CommandProcess('monitor', '--listen', '0');
    const [formerAddress, laterAddress] = [await former.address(), await later.address()];
    const both = `${formerAddress},${laterAddress}`;
    await using one = new CommandProcess('server', '--listen', '0', '--monitor', both);
    await using other = new CommandProcess('server', '--listen', '0', '--monitor', both);
    const servers = new Map([
      [await one.address(), one],
      [await other.address(), other],
    ]);
    const before = await inSync(formerAddress, 0);
    await using kv = new KVClient({ monitors: both });
    await kv.put('k', 'before');

    // The servers follow the later one, and stay with it.
    former.signal('SIGSTOP');
    const { primary } = await inSync(laterAddress, before.viewnum);
    former.signal('SIGCONT');

    for (const server of servers.values())
      await eventually('a server names them', () => server.errors.some((line) => DISAGREE.test(line)));
    const { code, stdout } = await runHere('status', '--monitor', both);
    expect(code).to.equal(0);
    expect(stdout).to.match(DISAGREE);

    servers.get(primary)?.signal('SIGKILL');
    await using newcomer = new KVClient({ monitors: both });
    for (const client of [kv, newcomer]) {
      expect(await client.get('k', { timeout: 20_000 })).to.equal('before');
      await client.put('after', 'death', { timeout: 20_000 });
    }
  });
});

/** A view above this one that is acknowledged, with a backup. */
async function inSync(monitor: string, above: number): Promise<View> {
  const client = new MonitorClient({ monitors: monitor });
  let found: View | undefined;
  await eventually('a backup is in sync', async () => {
    const { view, acknowledged } = await client.status();
    found = acknowledged && view.viewnum > above && view.backups.length > 0 ? view : undefined;
    return found;
  });
  await client.close();
  if (found === undefined) throw new Error('no view');
  return found;
}

import { KVClient } from '@understudy/kvservice';
import { MonitorClient, type View } from '@understudy/sysmonitor';
import { expect } from 'chai';
import { CommandProcess, eventually, runHere } from '../cli/command.ts';
import { freePorts } from '../support/free-ports.ts';

const SAYS = '\\S+ has (?:no view|lost its view|view \\d)';
const DISAGREE = new RegExp(`the monitors disagree: ${SAYS}.*; ${SAYS}`);
/** Milliseconds; for a machine that has much else to do. */
const PATIENCE = 60_000;

describe('real processes: two monitors that have a state each', function () {
  this.timeout(6 * PATIENCE);

  it('servers and status name them, and a client that asks the wrong one finds the primary after a death', async () => {
    await using former = new CommandProcess('monitor', '--new', '--listen', '0');
    const [port] = await freePorts(1);
    const [formerAddress, laterAddress] = [await former.address(), `127.0.0.1:${port}`];
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

    await using later = new CommandProcess('monitor', '--listen', laterAddress);
    await later.address();
    // The servers follow the later one, and stay with it.
    former.signal('SIGSTOP');
    const { primary } = await inSync(laterAddress, before.viewnum);
    former.signal('SIGCONT');

    for (const server of servers.values()) {
      const names = () => server.errors.some((line) => DISAGREE.test(line));
      await eventually('a server names them', names, PATIENCE);
    }
    const { code, stdout } = await runHere('status', '--monitor', both);
    expect(code).to.equal(0);
    expect(stdout).to.match(DISAGREE);

    servers.get(primary)?.signal('SIGKILL');
    await using newcomer = new KVClient({ monitors: both });
    for (const client of [kv, newcomer]) {
      expect(await client.get('k', { timeout: PATIENCE })).to.equal('before');
      await client.put('after', 'death', { timeout: PATIENCE });
    }
  });
});

/** A view above this one that is acknowledged, with a backup. */
async function inSync(monitor: string, above: number): Promise<View> {
  const client = new MonitorClient({ monitors: monitor });
  let found: View | undefined;
  const look = async (): Promise<View | undefined> => {
    const { view, acknowledged } = await client.status();
    found = acknowledged && view.viewnum > above && view.backups.length > 0 ? view : undefined;
    return found;
  };
  await eventually('a backup is in sync', look, PATIENCE);
  await client.close();
  if (found === undefined) throw new Error('no view');
  return found;
}

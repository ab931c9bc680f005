/** A monitor restarts with its state, and the first pings that it hears come from a sender that is no server. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KVClient } from '@understudy/kvservice';
import { realWorld, UnderstudyError } from '@understudy/rpc';
import { MonitorClient, type MonitorStatus } from '@understudy/sysmonitor';
import { expect } from 'chai';
import { CommandProcess, eventually } from '../cli/command.ts';
import { freePorts } from '../support/free-ports.ts';

/** No run of a server is greater. */
const NEWER = 'ffffffff-ffff-7fff-bfff-ffffffffffff';
const PATIENCE = 60_000;

describe('real processes: first pings are forged', function () {
  this.timeout(3 * PATIENCE);

  it('31: they are refused, no server ends, and the view stays what it is (V11)', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'first-pings-'));
    const [port] = await freePorts(1);
    const address = `127.0.0.1:${port}`;
    const monitorArgs = ['monitor', '--listen', address, '--data', directory];
    const { transport } = realWorld();
    {
      await using former = new CommandProcess(...monitorArgs, '--new');
      await former.address();
      await using one = new CommandProcess('server', '--listen', '0', '--monitor', address);
      await using other = new CommandProcess('server', '--listen', '0', '--monitor', address);
      const servers = [one, other];
      await Promise.all(servers.map((server) => server.address()));
      const before = await inSync(address);
      former.signal('SIGKILL');
      await former.ended;
      // The servers hang meanwhile, so the forged pings are the first ones.
      for (const server of servers) server.signal('SIGSTOP');
      await using monitor = new CommandProcess(...monitorArgs);
      await monitor.address();
      const answers = forged(before).map((ping) =>
        transport.call(address, 'sysmonitor.ping', ping, { timeoutMs: PATIENCE }).then(
          () => `a view for ${JSON.stringify(ping)}`,
          (error: unknown) => (error instanceof UnderstudyError ? error.name : String(error)),
        ),
      );
      expect(new Set(await Promise.all(answers))).to.deep.equal(new Set(['INVALID_PARAMS']));
      for (const server of servers) server.signal('SIGCONT');
      const { view } = await inSync(address);
      expect(view).to.deep.equal(before.view);
      await using kv = new KVClient({ monitors: address });
      await kv.put('k', 'v', { timeout: PATIENCE });
      for (const server of servers) expect(server.errors.join('\n')).not.to.match(/another process|defect/);
    }
    await transport.close();
    await rm(directory, { recursive: true, force: true });
  });
});

/** In the names of both servers, without their secrets. */
function forged({ view, servers }: MonitorStatus): readonly object[] {
  return servers.flatMap(({ server, incarnation }) => {
    const known = { server, incarnation, viewnum: view.viewnum, cluster: view.cluster, seq: 2 ** 50 };
    return [
      known,
      { ...known, leaving: true },
      { ...known, position: { viewnum: view.viewnum, index: 2 ** 50 } },
      { ...known, incarnation: NEWER, viewnum: 0 },
      { ...known, incarnation: 'zzz', viewnum: 0 },
    ];
  });
}

async function inSync(monitor: string): Promise<MonitorStatus> {
  const client = new MonitorClient({ monitors: monitor });
  let found: MonitorStatus | undefined;
  const look = async (): Promise<boolean> => {
    const status = await client.status();
    if (status.acknowledged && status.view.backups.length > 0 && status.servers.every((server) => server.confirmed))
      found = status;
    return found !== undefined;
  };
  await eventually('two confirmed servers in sync', look, PATIENCE).finally(() => client.close());
  if (found === undefined) throw new Error('no status');
  return found;
}

/** No single message costs a server more than 50 ms of processor time at a stretch: pings are never late for it, and the view stays. */
import { KVClient } from '@understudy/kvservice';
import { MonitorClient } from '@understudy/sysmonitor';
import { expect } from 'chai';
import { readResponse } from '../rpc/support/http.ts';
import { RawConnection } from '../rpc/support/raw-connection.ts';
import { untilInSync } from './support/in-sync.ts';
import { WatchedProcess } from './support/watched-process.ts';
import { WORST_DATA, type WorstMessage, worstMessages } from './support/worst-messages.ts';

/** Four times the rule: other processes share the processor's caches, and what is being compiled is slower. */
const LONGEST_MS = 200;
const NEWLINE = 0x0a;

describe('the worst messages', function () {
  this.timeout(120_000);
  let processes: { readonly monitor: WatchedProcess; readonly server: WatchedProcess; readonly backup: WatchedProcess };
  let client: KVClient;
  let session: string;
  before(async () => {
    // A machine that stands still for a while is no failure.
    const patient = { deadPings: 50 };
    const monitor = await WatchedProcess.start('monitor', patient);
    const options = { monitors: monitor.address, ...patient };
    const server = await WatchedProcess.start('server', options);
    client = new KVClient({ monitors: monitor.address });
    await client.put('first', '');
    const backup = await WatchedProcess.start('server', options);
    processes = { monitor, server, backup };
    await Promise.all(WORST_DATA.map(([key, value]) => client.put(key, value)));
    await untilInSync(processes.monitor.address);
    const connection = await RawConnection.open(server.address);
    connection.request(1, 'kv.openSession', { client: 'hostile' });
    ({ session } = ((await connection.answer()) as { result: { session: string } }).result);
    connection.close();
  });
  after(async () => {
    await client.close();
    for (const process of Object.values(processes)) await process[Symbol.asyncDispose]();
  });

  it('hold up nobody', async () => {
    const tooLong: string[] = [];
    for (const message of worstMessages(session)) {
      for (const process of Object.values(processes)) await process.read();
      await say(processes[message.to].address, message);
      for (const [name, process] of Object.entries(processes)) {
        const { longestMs } = await process.read();
        if (longestMs > LONGEST_MS) tooLong.push(`${message.name}: ${name} did nothing else for ${longestMs} ms`);
      }
    }
    expect(tooLong).to.deep.equal([]);
  });

  it('change no view, and all goes on', async () => {
    const { monitor, server, backup } = processes;
    await client.put('last', 'served');
    expect(await client.get('last')).to.equal('served');
    const { view } = await new MonitorClient({ monitors: monitor.address }).status();
    expect(view).to.deep.include({ primary: server.address, backups: [backup.address], syncing: [] });
    expect(view.viewnum).to.be.at.most(3);
  });
});

/** Resolves when it is answered. */
async function say(address: string, { bytes, responses = 0 }: WorstMessage): Promise<void> {
  const connection = await RawConnection.open(address);
  connection.say(bytes);
  if (responses === 0) await endOfLine(connection);
  for (let count = 0; count < responses; count++) await readResponse(connection);
  connection.close();
}

/** Keeps nothing of a long line. */
async function endOfLine({ socket }: RawConnection): Promise<void> {
  socket.removeAllListeners('data');
  for await (const chunk of socket as AsyncIterable<Buffer>) if (chunk.includes(NEWLINE)) return;
}

/**
 * No single message costs a server more than 50 ms of processor time at a stretch: pings are never late for it, and the
 * view stays. The time is that of the event loop's thread without garbage collection, on a processor as fast as the one
 * on which the bound was measured: on a slower one, and beside other processes, a fixed piece of work says how much
 * more it may be.
 */
import { KVClient } from '@understudy/kvservice';
import { MonitorClient } from '@understudy/sysmonitor';
import { expect } from 'chai';
import { readResponse } from '../rpc/support/http.ts';
import { RawConnection } from '../rpc/support/raw-connection.ts';
import { untilInSync } from './support/in-sync.ts';
import { WatchedProcess } from './support/watched-process.ts';
import { WORST_DATA, type WorstMessage, worstMessages } from './support/worst-messages.ts';

const LONGEST_MS = 50;
/**
 * A message that costs too much is sent again: the processor's caches and the compiler add to a cost, and never take
 * from it.
 */
const TIMES = 3;
const NEWLINE = 0x0a;

describe('the worst messages', function () {
  this.timeout(600_000);
  let processes: { readonly monitor: WatchedProcess; readonly server: WatchedProcess; readonly backup: WatchedProcess };
  let client: KVClient;
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
  });
  after(async () => {
    await client.close();
    for (const process of Object.values(processes)) await process[Symbol.asyncDispose]();
  });

  it('hold up nobody', async () => {
    let suspects: readonly string[] | undefined;
    let tooLong: Cost[] = [];
    for (let time = 0; time < TIMES && suspects?.length !== 0; time++) {
      tooLong = [];
      const session = await openSession(processes.server.address);
      for (const message of worstMessages(session)) {
        if (suspects?.includes(message.name) === false) continue;
        tooLong.push(...(await costsOf(message)).filter(({ workMs, mayMs }) => workMs > mayMs));
      }
      suspects = tooLong.map(({ message }) => message);
    }
    expect(tooLong).to.deep.equal([]);
  });

  async function costsOf(message: WorstMessage): Promise<Cost[]> {
    const mayMs = LONGEST_MS * (await processes[message.to].slowness());
    for (const process of Object.values(processes)) await process.read();
    await say(processes[message.to].address, message);
    const costs: Cost[] = [];
    for (const [name, process] of Object.entries(processes)) {
      const { workMs } = (await process.read()).worstTurn;
      costs.push({ message: message.name, process: name, workMs, mayMs });
    }
    return costs;
  }

  it('change no view, and all goes on', async () => {
    const { monitor, server, backup } = processes;
    await client.put('last', 'served');
    expect(await client.get('last')).to.equal('served');
    const { view } = await new MonitorClient({ monitors: monitor.address }).status();
    expect(view).to.deep.include({ primary: server.address, backups: [backup.address], syncing: [] });
    expect(view.viewnum).to.be.at.most(3);
  });
});

interface Cost {
  readonly message: string;
  readonly process: string;
  /** Of processor time, in one turn. */
  readonly workMs: number;
  readonly mayMs: number;
}

/** A new one each time: the results of another one's operations are remembered, and cost less. */
async function openSession(address: string): Promise<string> {
  const connection = await RawConnection.open(address);
  connection.request(1, 'kv.openSession', { client: 'hostile' });
  const { session } = ((await connection.answer()) as { result: { session: string } }).result;
  connection.close();
  return session;
}

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

/**
 * Scenario 32, its sessions, with real processes: 100,000 of them are opened and never used, and then 100,000 are used
 * once, from one address. New clients open sessions and write, from there and from elsewhere, and the servers hold no
 * more than their table (S5).
 */
import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { KVClient, type ServerStatus } from '@understudy/kvservice';
import { expect } from 'chai';
import { CommandProcess } from '../cli/command.ts';

const SESSIONS = 100_000;
/** In one request. */
const BATCH = 500;
/** A session that was heard of within a second is not ended for another one. */
const TTL_MS = 60_000;
const MEBIBYTE = 2 ** 20;

type Answer = { readonly result?: { readonly session?: string }; readonly error?: object };

/** One connection, from an address of its own, that asks for many things at once. */
class Flood {
  readonly #socket: Socket;
  #text = '';
  #taken: (answers: readonly Answer[]) => void = () => {};

  constructor(server: string, localAddress: string) {
    const [host = '', port = ''] = server.split(':');
    this.#socket = connect({ host, port: Number(port), localAddress });
    this.#socket.setEncoding('utf8');
    this.#socket.on('data', (text: string) => this.#read(text));
  }

  /** The answers, in the order of the requests. */
  ask(method: string, params: readonly object[]): Promise<readonly Answer[]> {
    const requests = params.map((each, id) => ({ jsonrpc: '2.0', id, method, params: each }));
    this.#socket.write(`${JSON.stringify(requests)}\n`);
    return new Promise((resolve) => {
      this.#taken = resolve;
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(text: string): void {
    this.#text += text;
    if (!text.endsWith('\n')) return;
    const answers = JSON.parse(this.#text) as readonly Answer[];
    this.#text = '';
    this.#taken(answers);
  }
}

/** Opens so many, and uses each once where that is wanted. How many were opened. */
async function flood(server: string, isUsed: boolean): Promise<number> {
  const attacker = new Flood(server, '127.0.0.2');
  let opened = 0;
  for (let asked = 0; asked < SESSIONS; asked += BATCH) {
    const answers = await attacker.ask('kv.openSession', Array(BATCH).fill({ client: 'nobody' }));
    const sessions = answers.flatMap(({ result }) => (result?.session === undefined ? [] : [result.session]));
    opened += sessions.length;
    const puts = sessions.map((session) => ({ session, seq: 1, acked: 0, key: 'k', value: 'v' }));
    if (isUsed && puts.length > 0) await attacker.ask('kv.put', puts);
  }
  attacker.close();
  return opened;
}

async function statusOf(server: string): Promise<ServerStatus> {
  return (await (await fetch(`http://${server}/status`)).json()) as ServerStatus;
}

/** Of a process, in bytes. */
async function memoryOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return 1024 * Number(/VmRSS:\s*(\d+) kB/.exec(status)?.[1]);
}

describe('32: sessions that nobody uses any more', () => {
  it('keep no new client out, and take no more memory than the table has places for', async () => {
    await using monitor = new CommandProcess('monitor', '--new', '--listen', '0');
    const monitors = await monitor.address();
    await using server = new CommandProcess(
      'server',
      '--listen',
      '0',
      '--monitor',
      monitors,
      '--session-ttl',
      `${TTL_MS}`,
    );
    const address = await server.address();
    const early = new KVClient({ monitors, timeout: 30_000 });
    await early.put('early', '1');
    const newcomers = async (what: string) => {
      for (const name of ['one', 'two']) {
        await using kv = new KVClient({ monitors, timeout: 30_000 });
        await kv.put(name, what);
        expect(await kv.get(name)).to.equal(what);
      }
      await early.put('early', what);
      expect((await statusOf(address)).sessions).to.be.at.most(SESSIONS + BATCH);
      expect(await memoryOf(server.pid)).to.be.below(700 * MEBIBYTE);
    };

    expect(await flood(address, false)).to.equal(SESSIONS);
    await newcomers('behind sessions that were never used');
    expect(await flood(address, true), 'some were refused').to.be.above(SESSIONS / 2);
    await newcomers('behind sessions that were used once');
    await early.close();
  }).timeout(180_000);
});

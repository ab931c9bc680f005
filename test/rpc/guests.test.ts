/** All connections to a process together: their places, and the memory that they take. */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Limits } from '@understudy/rpc';
import { expect } from 'chai';
import { httpRequest } from './support/http.ts';
import { RawConnection } from './support/raw-connection.ts';
import { type Service, startService } from './support/service.ts';

const KIB = 1024;
const soon = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const until = async (condition: () => boolean): Promise<void> => {
  for (let tries = 0; !condition() && tries < 10_000; tries++) await soon(2);
  expect(condition(), String(condition)).to.equal(true);
};

describe('places of connections', () => {
  let service: Service;
  const start = async (limits: Partial<Limits>): Promise<void> => {
    service = await startService(limits);
  };
  afterEach(() => service.close());

  const textRequest = (length: number): string =>
    JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'test.text', params: { length } });

  /** One after the other, each at work before the next one comes. */
  async function crowdOf(
    count: number,
    begin: (connection: RawConnection) => void,
    address?: string,
  ): Promise<RawConnection[]> {
    const crowd: RawConnection[] = [];
    while (crowd.length < count) {
      const connection = await RawConnection.open(service.address, address);
      begin(connection);
      await soon(20);
      crowd.push(connection);
    }
    return crowd;
  }

  async function newcomerIsServed(): Promise<RawConnection> {
    const newcomer = await RawConnection.open(service.address);
    newcomer.request(1, 'test.echo');
    expect(await newcomer.answer()).to.have.property('result');
    return newcomer;
  }

  it('gives a newcomer the place of one that never said anything', async () => {
    await start({ maxConnections: 6, keptConnections: 1 });
    await service.expectOthersUnharmed();
    const silent = await RawConnection.open(service.address);
    const crowd = await Promise.all(Array.from({ length: 40 }, () => RawConnection.open(service.address)));
    await silent.untilEnd();
    for (const connection of [silent, ...crowd]) connection.close();
  });

  it('gives a newcomer the place of one that does not take its answers', async () => {
    await start({ maxConnections: 6, keptConnections: 1 });
    const crowd = await crowdOf(5, (connection) => {
      connection.socket.pause();
      connection.say(`[${Array(7).fill(textRequest(900_000)).join()}]\n`);
    });
    await soon(3_500);
    for (let newcomer = 0; newcomer < 3; newcomer += 1) crowd.push(await newcomerIsServed());
    for (const connection of crowd) connection.close();
  });

  it('gives a newcomer of another address a place of one that has most of them, though all are at work', async () => {
    await start({ maxConnections: 6, keptConnections: 1 });
    const crowd = await crowdOf(5, (connection) => connection.request(1, 'test.hold'), '127.0.0.9');
    await until(() => service.held.length === 5);
    const another = await RawConnection.open(service.address, '127.0.0.9');
    another.request(1, 'test.echo');
    await another.untilEnd();
    expect(crowd.filter(({ isOver }) => isOver)).to.have.length(0);
    const newcomer = await newcomerIsServed();
    await until(() => crowd.filter(({ isOver }) => isOver).length === 1);
    for (const connection of [another, newcomer, ...crowd]) connection.close();
  });

  it('ends a connection that takes nothing of its answers for long, not one that takes them slowly', async () => {
    await start({ untakenTimeoutMs: 3_000 });
    const open = async (): Promise<RawConnection> => {
      const connection = await RawConnection.open(service.address);
      connection.socket.pause();
      for (let answer = 0; answer < 48; answer += 1) connection.say(`${textRequest(900_000)}\n`);
      return connection;
    };
    const [stuck, slow] = await Promise.all([open(), open()]);
    for (let step = 0; step < 8; step += 1) {
      await soon(500);
      slow.socket.resume();
      const before = slow.received.length;
      await until(() => slow.received.length > before + 1_500_000);
      slow.socket.pause();
    }
    stuck.socket.resume();
    await stuck.untilEnd();
    slow.socket.resume();
    await slow.answers(48);
    for (const connection of [stuck, slow]) connection.close();
  }).timeout(60_000);

  it('ends a connection that does not say what it speaks, and one that has said nothing for long', async () => {
    await start({ firstBytesTimeoutMs: 1_000, idleTimeoutMs: 3_000 });
    const mute = await RawConnection.open(service.address);
    const letter = await RawConnection.open(service.address);
    letter.say('G');
    const idle = await RawConnection.open(service.address);
    idle.request(1, 'test.echo');
    await idle.answer();
    const waiting = await RawConnection.open(service.address);
    waiting.request(1, 'test.hold');
    await Promise.all([mute, letter].map((connection) => connection.untilEnd()));
    expect(idle.isOver).to.equal(false);
    await idle.untilEnd();
    await soon(2_500);
    expect(waiting.isOver, 'a request is under way').to.equal(false);
    service.held[0]?.result({});
    expect(await waiting.answer()).to.have.property('result');
    for (const connection of [mute, letter, idle, waiting]) connection.close();
  });

  it('keeps the places of other nodes, silent or not', async () => {
    await start({ maxConnections: 8, keptConnections: 2, firstBytesTimeoutMs: 1_000, idleTimeoutMs: 1_000 });
    const peer = await RawConnection.open(service.address);
    peer.request(1, 'test.peer');
    await peer.answer();
    const stranger = await RawConnection.open(service.address);
    stranger.request(1, 'test.peer', { fails: true });
    await stranger.answer();
    const crowd = await Promise.all(Array.from({ length: 40 }, () => RawConnection.open(service.address)));
    await stranger.untilEnd();
    expect(peer.isOver).to.equal(false);
    peer.request(2, 'test.echo');
    expect(await peer.answer()).to.have.property('result');
    for (const connection of [peer, stranger, ...crowd]) connection.close();
  });
});

/** Bytes that something still refers to: what is garbage already does not count. */
function heldBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

describe('memory of connections', () => {
  let service: Service;
  const start = async (limits: Partial<Limits>): Promise<void> => {
    service = await startService(limits);
    await service.expectOthersUnharmed();
  };
  afterEach(async () => {
    await service.expectOthersUnharmed();
    await service.close();
  });
  const open = (count: number): Promise<RawConnection[]> =>
    Promise.all(Array.from({ length: count }, () => RawConnection.open(service.address)));
  const close = (connections: readonly RawConnection[]): void => {
    for (const connection of connections) connection.close();
  };

  it('is bounded for unfinished requests: those that hold much are read from no more, small ones go on', async () => {
    await start({ maxRequestBytes: 1_024 * KIB, maxHeldBytes: 4_096 * KIB, maxHeldBytesOfAddress: 4_096 * KIB });
    const connections = await open(16);
    for (const [index, connection] of connections.entries()) {
      if (index % 2 === 0) connection.say(Buffer.alloc(1_000 * KIB, 'x'));
      else connection.say(Buffer.concat([httpRequest({ body: 'x'.repeat(1_000 * KIB) }).subarray(0, -1)]));
    }
    // Reading stops at three quarters; after some seconds those that hold most go, one after the other.
    await soon(2_000);
    await service.expectOthersUnharmed();
    await until(() => connections.some(({ isOver }) => isOver));
    close(connections);
  });

  it('is bounded for connections, too, that once said what only another node says', async () => {
    await start({ maxHeldBytes: 8_192 * KIB, maxHeldBytesOfAddress: 8_192 * KIB });
    const connections = await open(12);
    for (const [id, connection] of connections.entries()) {
      connection.request(id, 'test.peer');
      await connection.answer();
      connection.say('x'.repeat(2_048 * KIB));
    }
    await until(() => connections.some(({ isOver }) => isOver));
    close(connections);
  });

  it('is bounded for answers that are not taken: those who hold most are ended', async () => {
    await start({ maxHeldBytes: 8_192 * KIB, maxHeldBytesOfAddress: 8_192 * KIB });
    const connections = await open(12);
    for (const { socket } of connections) socket.pause();
    const text = '{"jsonrpc":"2.0","id":1,"method":"test.text","params":{"length":1000000}}';
    const before = heldBytes();
    for (const connection of connections) connection.say(`[${Array(8).fill(text).join()}]\n`);
    await soon(1_000);
    // All the answers together take 96 MB.
    expect(heldBytes() - before).to.be.below(48e6);
    for (const { socket } of connections) socket.resume();
    await until(() => connections.filter(({ isOver }) => isOver).length >= 3);
    close(connections);
  });

  it('is not taken for answers that wait: they become text when the peer takes them', async () => {
    await start({});
    const [connection] = (await open(1)) as [RawConnection];
    connection.socket.pause();
    for (let id = 0; id < 200; id++) connection.request(id, 'test.hold');
    await until(() => service.held.length === 200);
    let texts = 0;
    const large = {
      toJSON: () => {
        texts += 1;
        return { text: 'x'.repeat(1_000_000) };
      },
    };
    for (const reply of service.held) reply.result(large);
    await soon(200);
    expect(texts, 'texts that were made').to.be.below(20);
    let lines = 0;
    connection.socket.removeAllListeners('data').on('data', (chunk: Buffer) => {
      for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) lines++;
    });
    connection.socket.resume();
    await until(() => lines === 200);
    close([connection]);
  }).timeout(60_000);

  it('is shared by addresses: one that takes too much harms no other', async () => {
    await start({ maxHeldBytes: 64 * KIB * KIB, maxHeldBytesOfAddress: 1_024 * KIB });
    const crowd = await open(4);
    for (const connection of crowd) connection.say(Buffer.alloc(900 * KIB, 'x'));
    await until(() => crowd.some(({ isOver }) => isOver));
    close(crowd);
  });
});

/** The bounds of a listener: nobody can make it hold more than it should, and whoever tries hurts only himself. */

import { DEFAULT_LIMITS } from '@understudy/rpc';
import { expect } from 'chai';
import { httpRequest, readResponse } from './support/http.ts';
import { RawConnection } from './support/raw-connection.ts';
import { type Service, startService } from './support/service.ts';

const soon = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const until = async (condition: () => boolean): Promise<void> => {
  for (let tries = 0; !condition() && tries < 10_000; tries++) await soon(2);
  expect(condition(), String(condition)).to.equal(true);
};
/** As a process does that is suspended. */
const standStill = (ms: number): void => {
  for (const endMs = performance.now() + ms; performance.now() < endMs; );
};

describe('limits of a listener', () => {
  let service: Service;
  const start = async (...options: Parameters<typeof startService>): Promise<void> => {
    service = await startService(...options);
  };
  afterEach(async () => {
    await service.expectOthersUnharmed();
    await service.close();
  });

  it('takes a request of exactly the limit, and none over it', async () => {
    await start({ maxRequestBytes: 1_000 });
    const line = (length: number): string => {
      const bare = '{"jsonrpc":"2.0","id":1,"method":"test.echo","params":{"x":""}}';
      return bare.replace('""', `"${'x'.repeat(length - bare.length)}"`);
    };
    const connection = await RawConnection.open(service.address);
    connection.say(`${line(1_000)}\n${line(1_001)}\n${line(100)}\n`);
    expect(await connection.answer()).to.have.property('result');
    expect(await connection.answer()).to.have.nested.property('error.data.maxBytes', 1_000);
    expect((await connection.untilEnd()).trim().split('\n'), 'answers').to.have.length(2);
    connection.close();
  });

  it('never holds more of a request than the limit, however much is sent', async () => {
    await start();
    const connection = await RawConnection.open(service.address);
    const before = process.memoryUsage().arrayBuffers;
    const block = Buffer.alloc(2 ** 20, 'x');
    let highest = 0;
    for (let count = 0; count < 64 && !connection.isOver; count++) {
      connection.say(block);
      await soon(1);
      highest = Math.max(highest, process.memoryUsage().arrayBuffers - connection.socket.writableLength - before);
    }
    expect(await connection.answer()).to.have.nested.property('error.code', -32_006);
    expect(highest).to.be.below(4 * DEFAULT_LIMITS.maxRequestBytes);
    connection.close();
  });

  it('lets a peer that sends too much read why, though he goes on sending', async () => {
    await start({ maxRequestBytes: 100_000 });
    const connection = await RawConnection.open(service.address);
    const pour = setInterval(() => connection.socket.write(Buffer.alloc(100_000, 'x')), 1);
    expect(await connection.answer()).to.have.nested.property('error.data.name', 'TOO_LARGE');
    await connection.untilEnd();
    clearInterval(pour);
    connection.close();
  });

  it('takes batches up to the limit', async () => {
    await start({ maxBatch: 3 });
    const echo = '{"jsonrpc":"2.0","id":1,"method":"test.echo"}';
    const connection = await RawConnection.open(service.address);
    connection.say(`[${echo},${echo},${echo}]\n[${echo},${echo},${echo},${echo}]\n`);
    expect(await connection.answer()).to.have.length(3);
    expect(await connection.answer()).to.have.nested.property('error.data.maxBatch', 3);
    connection.close();
  });

  it('refuses the answer of a batch that grows too large, and says that some of it may be done', async () => {
    await start({ maxAnswerBytes: 10_000, maxBatchAnswerBytes: 10_000 });
    const text = (length: number): string =>
      `{"jsonrpc":"2.0","id":1,"method":"test.text","params":{"length":${length}}}`;
    const note = '{"jsonrpc":"2.0","id":2,"method":"test.note"}';
    const connection = await RawConnection.open(service.address);
    connection.say(`[${[text(6_000), text(6_000), note].join(',')}]\n`);
    const refusal = (await connection.answer()) as { error: { data: object } };
    expect(refusal.error.data).to.deep.include({ name: 'TOO_LARGE', definite: false });
    expect(service.noted, 'what stood behind').to.deep.equal([]);
    connection.say(`${text(10_000)}\n`);
    expect(await connection.answer()).to.have.nested.property('error.data.definite', false);
    connection.say(`${text(9_000)}\n`);
    expect(await connection.answer()).to.have.property('result');
    connection.close();
  });

  it('reads nothing more from a peer with too many unanswered requests, until some are answered', async () => {
    await start({ maxInFlight: 10 });
    const connection = await RawConnection.open(service.address);
    for (let id = 0; id < 100; id++) connection.request(id, 'test.hold');
    await until(() => service.held.length === 10);
    await soon(50);
    expect(service.held).to.have.length(10);
    for (let answered = 0; answered < 100; answered++) {
      await until(() => service.held.length > answered);
      expect(service.held.length - answered).to.be.at.most(10);
      service.held[answered]?.result({});
    }
    expect(await connection.answers(100)).to.have.length(100);
    connection.close();
  });

  it('counts each request of a batch that is under way', async () => {
    await start({ maxInFlight: 10 });
    const connection = await RawConnection.open(service.address);
    const hold = '{"jsonrpc":"2.0","id":1,"method":"test.hold"}';
    connection.say(`[${Array.from({ length: 12 }, () => hold).join(',')}]\n${hold}\n`);
    await until(() => service.held.length === 12);
    await soon(30);
    expect(service.held).to.have.length(12);
    for (const reply of service.held.slice()) reply.result({});
    await until(() => service.held.length === 13);
    service.held[12]?.result({});
    expect(await connection.answers(2)).to.have.length(2);
    connection.close();
  });

  it('reads nothing more from a peer with too many bytes of unanswered requests', async () => {
    await start({ maxInFlightBytes: 50_000 });
    const connection = await RawConnection.open(service.address);
    for (let id = 0; id < 20; id++) connection.request(id, 'test.hold', { text: 'x'.repeat(10_000) });
    await until(() => service.held.length === 5);
    await soon(50);
    expect(service.held).to.have.length(5);
    for (let answered = 0; answered < 20; answered++) {
      await until(() => service.held.length > answered);
      service.held[answered]?.result({});
    }
    expect(await connection.answers(20)).to.have.length(20);
    connection.close();
  });

  it('holds a bounded heap of answers for a peer that asks and does not read', async () => {
    await start();
    const connection = await RawConnection.open(service.address);
    connection.socket.pause();
    const before = process.memoryUsage();
    // 200 megabytes of answers in all.
    for (let id = 0; id < 200; id++) connection.request(id, 'test.text', { length: 1_000_000 });
    await soon(300);
    const now = process.memoryUsage();
    expect(now.rss - before.rss).to.be.below(80e6);
    connection.socket.resume();
    let bytes = 0;
    connection.socket.removeAllListeners('data').on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    await until(() => bytes > 200 * 1_000_000);
    connection.close();
  });

  it('closes connections beyond the limit, where all others have requests under way', async () => {
    await start({ maxConnections: 6, keptConnections: 1 });
    await service.expectOthersUnharmed();
    const connections: RawConnection[] = [];
    for (let count = 0; count < 4; count++) {
      const connection = await RawConnection.open(service.address);
      connection.request(1, 'test.hold'); // the bystander has the fifth place, and has just spoken
      await until(() => service.held.length === count + 1);
      connections.push(connection);
    }
    const refused = await RawConnection.open(service.address);
    await refused.untilEnd();
    for (const reply of service.held) reply.result({});
    for (const connection of connections) expect(await connection.answer()).to.have.property('result');
    for (const connection of [refused, ...connections]) connection.close();
    await soon(20);
  });

  it('ends a connection that begins a line and never ends it, and no other', async () => {
    await start({ lineTimeoutMs: 50 });
    const slow = await RawConnection.open(service.address);
    const idle = await RawConnection.open(service.address);
    const steady = await RawConnection.open(service.address);
    const dribble = setInterval(() => slow.say('x'), 10);
    // It is always in the middle of a line, but each of its lines ends in time.
    steady.say('{"json');
    const go = setInterval(() => steady.say('rpc":"2.0","id":2,"method":"test.echo"}\n{"json'), 10);
    await slow.untilEnd();
    await soon(150);
    for (const timer of [dribble, go]) clearInterval(timer);
    expect([idle.isOver, steady.isOver]).to.deep.equal([false, false]);
    for (const connection of [slow, idle, steady]) connection.close();
  });

  it('reads what came while its process stood still, before it ends a connection for a line', async () => {
    await start({ lineTimeoutMs: 50 });
    const connection = await RawConnection.open(service.address);
    connection.say('{"jsonrpc":"2.0","id":1,"method":"test.echo","params":{}}\n{"json');
    await connection.answer(); // so the beginning of the next line has been read as well
    await new Promise(setImmediate); // from here on timers come before what can be read
    connection.say('rpc":"2.0","id":2,"method":"test.echo","params":{}}\n');
    standStill(100);
    expect(await connection.answer()).to.have.property('result');
    connection.close();
  });

  it('ends an HTTP connection whose headers, or whose body, do not come', async () => {
    await start({ headersTimeoutMs: 100, requestTimeoutMs: 1_000 });
    const headers = await RawConnection.open(service.address);
    headers.say('GET /status HTTP/1.1\r\nHost: localhost\r\n');
    const body = await RawConnection.open(service.address);
    body.say('POST /rpc HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{');
    expect((await readResponse(headers)).status).to.equal(408);
    await headers.untilEnd();
    await body.untilEnd();
    for (const connection of [headers, body]) connection.close();
  });

  it('ends an HTTP connection that stays idle', async () => {
    await start({ keepAliveTimeoutMs: 50 });
    const connection = await RawConnection.open(service.address);
    connection.say(httpRequest({ method: 'GET', path: '/status' }));
    expect((await readResponse(connection)).status).to.equal(200);
    await connection.untilEnd();
    connection.close();
  });

  it('keeps an idle HTTP connection for longer than headers may take, and than a balancer keeps it', async () => {
    expect(DEFAULT_LIMITS.keepAliveTimeoutMs).to.be.above(65_000);
    await start({ keepAliveTimeoutMs: 20_000, headersTimeoutMs: 100, requestTimeoutMs: 400 });
    const connection = await RawConnection.open(service.address);
    for (let request = 0; request < 2; request += 1) {
      connection.say(httpRequest({ method: 'GET', path: '/status' }));
      expect((await readResponse(connection)).status).to.equal(200);
      // Node looks for requests that take too long once a second.
      await new Promise((resolve) => setTimeout(resolve, 2_500));
    }
    expect(connection.isOver).to.equal(false);
    connection.close();
  });

  it('serves others in the middle of a flood of malformed lines', async () => {
    await start();
    const flood = await RawConnection.open(service.address);
    let answers = 0;
    flood.socket.removeAllListeners('data').on('data', (chunk: Buffer) => {
      for (const byte of chunk) if (byte === 0x0a) answers++;
    });
    flood.say('x\n'.repeat(100_000));
    // Others are served long before the flood is.
    await service.expectOthersUnharmed();
    const atThatTime = answers;
    await until(() => answers === 100_000);
    expect(atThatTime).to.be.below(90_000);
    flood.close();
  });
});

describe('closing a listener', () => {
  it('ends idle connections of both kinds at once', async () => {
    const service = await startService({ lingerMs: 20_000 });
    const lines = await RawConnection.open(service.address);
    lines.request(1, 'test.echo');
    await lines.answer();
    const http = await RawConnection.open(service.address);
    http.say(httpRequest({ method: 'GET', path: '/status' }));
    await readResponse(http);
    const silent = await RawConnection.open(service.address);
    for (const connection of [lines, http, silent]) connection.socket.on('end', () => connection.socket.end());
    const start = performance.now();
    await service.close();
    expect(performance.now() - start).to.be.below(5_000);
    for (const connection of [lines, http, silent]) {
      await connection.untilEnd();
      connection.close();
    }
  });

  it('does not wait for a peer that never ends its side, nor for one that never reads', async () => {
    const service = await startService();
    const stubborn = await RawConnection.open(service.address);
    stubborn.request(1, 'test.hold');
    const deaf = await RawConnection.open(service.address);
    deaf.socket.pause();
    for (let id = 0; id < 50; id++) deaf.request(id, 'test.text', { length: 1_000_000 });
    await until(() => service.held.length === 1);
    const start = performance.now();
    await service.close();
    expect(performance.now() - start).to.be.below(DEFAULT_LIMITS.lingerMs + 5_000);
    for (const connection of [stubborn, deaf]) connection.close();
  });

  it('lets a large answer arrive that was given just before', async () => {
    const service = await startService();
    const connection = await RawConnection.open(service.address);
    connection.socket.on('end', () => connection.socket.end());
    connection.request(1, 'test.hold');
    await until(() => service.held.length === 1);
    service.held[0]?.result({ text: 'x'.repeat(3_000_000) });
    connection.request(2, 'test.hold'); // unread by the listener, perhaps, when it closes
    await service.close();
    const answer = JSON.parse((await connection.untilEnd()).split('\n')[0] ?? '') as { result: { text: string } };
    expect(answer.result.text).to.have.length(3_000_000);
    connection.close();
  });

  it('frees the address', async () => {
    const first = await startService();
    const { address } = first;
    await first.close();
    const second = await startService({}, address);
    expect(second.address).to.equal(address);
    await second.close();
  });

  it('refuses an address that cannot be listened on, and says which and why', async () => {
    for (const [address, why] of [
      ['203.0.113.1:7000', /203\.0\.113\.1:7000: EADDRNOTAVAIL/],
      ['no-such-host.invalid:7000', /no-such-host\.invalid:7000: E/],
      ['here', /listen: "here" is not HOST:PORT/],
    ] as const) {
      const error: unknown = await startService({}, address).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error).to.be.instanceOf(Error).and.have.property('message').that.matches(why);
      expect(error).to.have.property('name', 'INVALID_PARAMS');
    }
  });
});

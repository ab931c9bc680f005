/** What a call comes to when the peer, or the way to it, misbehaves: always the truth, and always an end. */
import { getEventListeners } from 'node:events';
import type { Socket } from 'node:net';
import {
  type FailureName,
  JsonRpcTransport,
  type Limits,
  RealClock,
  RealRandom,
  realWorld,
  type Transport,
  UnderstudyError,
} from '@understudy/rpc';
import { expect } from 'chai';
import { answerLine, FakePeer, type PeerRequest } from './support/fake-peer.ts';
import { RawConnection } from './support/raw-connection.ts';
import { TimelessClock } from './support/timeless-clock.ts';

const soon = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const deepAnswer = (id: number): string =>
  `{"jsonrpc":"2.0","id":${id},"result":${'['.repeat(2_000)}${']'.repeat(2_000)}}
`;
const until = async (condition: () => boolean): Promise<void> => {
  for (let tries = 0; !condition() && tries < 10_000; tries++) await soon(2);
  expect(condition(), String(condition)).to.equal(true);
};

describe('calls', () => {
  let peer: FakePeer;
  let transport: Transport;
  const start = async (
    onRequest: (request: PeerRequest, socket: Socket) => void,
    limits: Partial<Limits> = {},
  ): Promise<void> => {
    peer = await FakePeer.start(onRequest);
    transport = realWorld({ limits }).transport;
  };
  afterEach(async () => {
    await transport.close();
    await peer.close();
  });

  const call = (params: object = {}, timeoutMs = 5_000): Promise<unknown> =>
    transport.call(peer.address, 'test', params, { timeoutMs });
  /** `NAME definite` or `NAME perhaps done`. */
  const ending = (promise: Promise<unknown>): Promise<string> =>
    promise.then(
      (result) => `result ${JSON.stringify(result)}`,
      (error: unknown) => {
        if (!(error instanceof UnderstudyError)) throw error;
        return `${error.name} ${error.definite ? 'definite' : 'perhaps done'}`;
      },
    );

  it('made once leave no connection behind, whether they are answered or not', async () => {
    const sockets = new Set<Socket>();
    await start(({ id, method }, socket) => {
      sockets.add(socket);
      if (method === 'test') socket.write(answerLine(id, {}));
    });
    const once = (method: string): Promise<unknown> =>
      transport.call(peer.address, method, {}, { timeoutMs: 100, once: true });
    expect(await ending(once('test'))).to.equal('result {}');
    expect(await ending(once('silent'))).to.equal('TIMEOUT perhaps done');
    await until(() => [...sockets].every(({ destroyed, readableEnded }) => destroyed || readableEnded));
    expect(sockets.size).to.equal(2);
    expect(await ending(call())).to.equal('result {}');
    expect(await ending(call())).to.equal('result {}');
    expect(sockets.size, 'other calls share one that stays').to.equal(3);
  });

  describe('answers that make no sense', () => {
    const rows: readonly (readonly [string, (request: PeerRequest, socket: Socket) => void, FailureName])[] = [
      ['none, and the end', (_request, socket) => void socket.end(), 'CONNECTION_LOST'],
      ['none, and a reset', (_request, socket) => void socket.resetAndDestroy(), 'CONNECTION_LOST'],
      ['one that is cut off', ({ id }, socket) => void socket.end(answerLine(id, {}).slice(0, -4)), 'CONNECTION_LOST'],
      ['one without its newline', ({ id }, socket) => void socket.end(answerLine(id, {}).trim()), 'CONNECTION_LOST'],
      ['what is not JSON', (_request, socket) => void socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'), 'PARSE_ERROR'],
      ['what is not UTF-8', (_request, socket) => void socket.write(Buffer.from([0xff, 0x0a])), 'PARSE_ERROR'],
      ['a number', (_request, socket) => void socket.write('1\n'), 'INVALID_REQUEST'],
      ['an empty batch', (_request, socket) => void socket.write('[]\n'), 'INVALID_REQUEST'],
      [
        'neither result nor error',
        ({ id }, socket) => void socket.write(`{"jsonrpc":"2.0","id":${id}}\n`),
        'INVALID_REQUEST',
      ],
      ['no version', ({ id }, socket) => void socket.write(`{"id":${id},"result":{}}\n`), 'INVALID_REQUEST'],
      ['an id never sent', ({ id }, socket) => void socket.write(answerLine(id + 1_000, {})), 'INVALID_REQUEST'],
      ['an id as text', ({ id }, socket) => void socket.write(answerLine(String(id), {})), 'INVALID_REQUEST'],
      ['a result for nobody', (_request, socket) => void socket.write(answerLine(null, {})), 'INTERNAL_ERROR'],
      ['a result nested too deep', ({ id }, socket) => void socket.write(deepAnswer(id)), 'INVALID_REQUEST'],
      ['what never ends', (_request, socket) => void socket.write('x'.repeat(20_000)), 'TOO_LARGE'],
    ];
    for (const [what, answer, name] of rows) {
      it(`${what}: ${name}, perhaps done, for each call of that connection`, async () => {
        await start((request, socket) => request.params.n === 2 && answer(request, socket), { maxAnswerBytes: 10_000 });
        const endings = [1, 2, 3].map((n) => ending(call({ n })));
        expect(new Set(await Promise.all(endings))).to.deep.equal(new Set([`${name} perhaps done`]));
        await until(() => peer.connections.every(({ destroyed, readableEnded }) => destroyed || readableEnded));
      });
    }

    it('an error about a request that the peer could not read: of that name, but perhaps done', async () => {
      await start((_request, socket) => {
        const error = new UnderstudyError('TOO_LARGE', 'over 10 bytes').toWire();
        socket.write(`${JSON.stringify({ jsonrpc: '2.0', id: null, error })}\n`);
      });
      expect(await ending(call())).to.equal('TOO_LARGE perhaps done');
    });

    it('the connection is replaced, and the next call is answered', async () => {
      await start(({ id, params }, socket) => void socket.write(params.n === 1 ? 'nonsense\n' : answerLine(id, {})));
      expect(await ending(call({ n: 1 }))).to.equal('PARSE_ERROR perhaps done');
      expect(await ending(call({ n: 2 }))).to.equal('result {}');
      expect(peer.connections).to.have.length(2);
    });

    it('a second answer to the same call changes nothing', async () => {
      await start(({ id }, socket) => void socket.write(answerLine(id, 'first') + answerLine(id, 'second')));
      expect(await Promise.all([ending(call()), ending(call())])).to.deep.equal(['result "first"', 'result "first"']);
      expect(peer.connections).to.have.length(1);
    });

    it('an error of a kind that nobody knows is INTERNAL_ERROR, perhaps done', async () => {
      await start(({ id }, socket) => {
        const error = { code: -1, message: 'what?', data: { name: '__proto__' } };
        socket.write(`${JSON.stringify({ jsonrpc: '2.0', id, error })}\n`);
      });
      expect(await ending(call())).to.equal('INTERNAL_ERROR perhaps done');
    });

    it('an answer in pieces is put together', async () => {
      await start(async ({ id }, socket) => {
        for (const byte of Buffer.from(answerLine(id, 'é€😀'))) {
          socket.write(Buffer.of(byte));
          await new Promise((resolve) => setImmediate(resolve));
        }
      });
      expect(await ending(call())).to.equal('result "é€😀"');
    });
  });

  describe('one write a turn', () => {
    it('for all calls of a turn, and their ids are numbers, each its own', async () => {
      await start(({ id }, socket) => void socket.write(answerLine(id, {})));
      await call();
      peer.chunks.length = 0;
      await Promise.all(Array.from({ length: 60 }, () => call()));
      expect(peer.chunks).to.have.length(1);
      expect(new Set(peer.requests.map(({ id }) => id))).to.have.property('size', 61);
    });

    it('for all answers of a turn', async () => {
      await start(() => {});
      const server = new JsonRpcTransport({ clock: new TimelessClock(), random: new RealRandom() });
      const listener = await server.listen({
        address: '127.0.0.1:0',
        methods: { test: (params, reply) => reply.result(params) },
      });
      const connection = await RawConnection.open(listener.address);
      let chunks = 0;
      connection.socket.on('data', () => chunks++);
      connection.say('{"jsonrpc":"2.0","id":1,"method":"test"}\n'.repeat(60));
      expect(await connection.answers(60)).to.have.length(60);
      expect(chunks).to.equal(1);
      connection.close();
      await listener.close();
    });
  });

  describe('a peer that does not answer', () => {
    it('leaves every call its own deadline', async () => {
      await start(() => {});
      const order: number[] = [];
      const timeouts = [120, 40, 80, 40.5, 1];
      await Promise.all(timeouts.map((timeoutMs) => ending(call({}, timeoutMs)).then(() => order.push(timeoutMs))));
      expect(order).to.deep.equal([1, 40, 40.5, 80, 120]);
    });

    it('is asked over a new connection after a call timed out in silence; the old one still brings its answers', async () => {
      let answerLate = () => {};
      await start(({ id, params }, socket) => {
        if (params.kind === 'late') answerLate = () => socket.write(answerLine(id, 'late'));
        if (params.kind !== 'quick') return;
        socket.write(answerLine(id, 'quick'));
        answerLate();
      });
      const late = ending(call({ kind: 'late' }));
      expect(await ending(call({ kind: 'never' }, 40))).to.equal('TIMEOUT perhaps done');
      expect(await ending(call({ kind: 'quick' }))).to.equal('result "quick"');
      expect(peer.connections).to.have.length(2);
      expect(await late).to.equal('result "late"');
      await until(() => peer.connections[0]?.readableEnded === true);
    });

    it('keeps its connection as long as it answers others', async () => {
      await start(({ id, params }, socket) => params.kind === 'quick' && socket.write(answerLine(id, {})));
      let isOver = false;
      const never = ending(call({ kind: 'never' }, 400)).finally(() => {
        isOver = true;
      });
      while (!isOver) {
        await call({ kind: 'quick' });
        await soon(10);
      }
      expect(await never).to.equal('TIMEOUT perhaps done');
      expect(peer.connections).to.have.length(1);
    });
  });

  describe('a peer that does not read', () => {
    const limits = { maxUnsentBytes: 200_000, maxQueuedBytes: 1_000_000 };
    const text = 'x'.repeat(100_000);

    it('makes calls OVERLOADED once too much waits, definite, and none of the definite ones ever arrives', async () => {
      await start(({ id }, socket) => void socket.write(answerLine(id, {})), limits);
      let chatter: NodeJS.Timeout | undefined;
      peer.onConnection = (socket) => {
        socket.pause();
        chatter = setInterval(() => socket.write(answerLine(1, 'again')), 10); // so that it does not pass for dead
      };
      expect(await ending(call({ n: 0 }))).to.equal('result "again"');
      const endings = new Map<number, string>();
      const calls: Promise<unknown>[] = [];
      for (let n = 1; n <= 200; n++) {
        calls.push(ending(call({ n, text }, 300)).then((told) => endings.set(n, told)));
        if (n % 4 === 0) await soon(1);
      }
      await Promise.all(calls);
      const expected = ['OVERLOADED definite', 'TIMEOUT definite', 'TIMEOUT perhaps done'];
      expect([...new Set(endings.values())].toSorted()).to.deep.equal(expected);
      clearInterval(chatter);
      for (const socket of peer.connections) socket.resume();
      await soon(200);
      const arrived = peer.requests.slice(1).map(({ params }) => endings.get(params.n as number));
      expect(peer.connections).to.have.length(1);
      expect([...new Set(arrived)]).to.deep.equal(['TIMEOUT perhaps done']);
    });

    it('is refused with a hint when to try again', async () => {
      await start(() => {}, limits);
      const calls = Array.from({ length: 20 }, () => call({ text }, 50));
      const errors = (await Promise.allSettled(calls)).flatMap((outcome) =>
        outcome.status === 'rejected' ? [outcome.reason as UnderstudyError] : [],
      );
      const overloaded = errors.find(({ name }) => name === 'OVERLOADED');
      expect(overloaded?.data.retryAfterMs).to.be.a('number');
    });
  });

  describe('a peer that is not there', () => {
    it('is not hammered by callers who try again at once, and they do not starve the process', async () => {
      await start((_request, socket) => socket.destroy());
      const address = peer.address;
      const end = performance.now() + 500;
      let attempts = 0;
      const stubborn = async (): Promise<void> => {
        while (performance.now() < end || peer.connections.length < 3) {
          attempts++;
          await ending(transport.call(address, 'test', {}, { timeoutMs: 1_000 }));
        }
      };
      await Promise.all(Array.from({ length: 20 }, stubborn));
      expect(peer.connections.length, 'connections').to.be.within(3, 14);
      expect(attempts, 'attempts').to.be.below(20 * 15);
    });

    it('costs a call that cannot wait for the next attempt its time, definitely not done', async () => {
      const clock = new RealClock();
      await start(() => {});
      await transport.close();
      transport = new JsonRpcTransport({ clock, random: new RealRandom() });
      const nowhere = (timeoutMs: number): Promise<string> =>
        ending(transport.call('127.0.0.1:1', 'test', {}, { timeoutMs }));
      for (let count = 0; count < 5; count++) expect(await nowhere(5_000)).to.equal('UNREACHABLE definite');
      // The pause before the next attempt, of 50 to 100 ms, is longer than any stall of the machine.
      clock.after = (delayMs, callback) => new RealClock().after(delayMs < 40 ? delayMs : 10_000, callback);
      expect(await nowhere(1)).to.equal('TIMEOUT definite');
    });

    it('names the address and the reason', async () => {
      await start(() => {});
      const error: unknown = await transport
        .call('127.0.0.1:1', 'test', {}, { timeoutMs: 1_000 })
        .catch((reason: unknown) => reason);
      expect(error).to.have.property('message', 'no connection to 127.0.0.1:1: ECONNREFUSED');
    });
  });

  describe('giving up', () => {
    it('with one signal for many calls leaves no listener behind, and warns nobody', async () => {
      const warnings: unknown[] = [];
      const note = (warning: Error): unknown => warnings.push(warning);
      process.on('warning', note);
      await start(({ id, params }, socket) => (params.n as number) % 2 === 0 && socket.write(answerLine(id, {})));
      const controller = new AbortController();
      const { signal } = controller;
      const endings = Array.from({ length: 500 }, (_, n) =>
        ending(transport.call(peer.address, 'test', { n }, { timeoutMs: 5_000, signal })),
      );
      await until(() => peer.requests.length === 500);
      await soon(20);
      expect(getEventListeners(signal, 'abort')).to.have.length(1);
      controller.abort();
      expect(new Set(await Promise.all(endings))).to.deep.equal(new Set(['result {}', 'ABORTED perhaps done']));
      expect(getEventListeners(signal, 'abort')).to.have.length(0);
      process.off('warning', note);
      expect(warnings).to.deep.equal([]);
    });

    it('keeps the reason as the cause', async () => {
      await start(() => {});
      const reason = new Error('lunch');
      const error: unknown = await transport
        .call(peer.address, 'test', {}, { timeoutMs: 5_000, signal: AbortSignal.abort(reason) })
        .catch((thrown: unknown) => thrown);
      expect(error).to.have.property('cause', reason);
    });
  });

  it('refuses here what every peer would refuse', async () => {
    await start(() => {}, { maxRequestBytes: 1_000 });
    let deep: object = {};
    for (let depth = 0; depth < 70; depth++) deep = { deep };
    expect(await ending(call({ text: 'x'.repeat(1_000) }))).to.equal('TOO_LARGE definite');
    expect(await ending(call(deep))).to.equal('INVALID_REQUEST definite');
    expect(peer.connections).to.have.length(0);
  });

  it('close leaves no connection behind, not even a retired one', async () => {
    await start(() => {});
    const waiting = ending(call());
    await ending(call({}, 20));
    const second = ending(call());
    await until(() => peer.connections.length === 2);
    await transport.close();
    expect(await Promise.all([waiting, second])).to.deep.equal(['CLOSED perhaps done', 'CLOSED perhaps done']);
    await until(() => peer.connections.every(({ readableEnded, destroyed }) => readableEnded || destroyed));
  });
});

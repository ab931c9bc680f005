/** For any bytes, cut anywhere: a listener answers the same, and goes on; for any peer: a call ends, with the truth. */
import { realWorld, UnderstudyError } from '@understudy/rpc';
import { expect } from 'chai';
import fc from 'fast-check';
import { answerLine, FakePeer } from './support/fake-peer.ts';
import { RawConnection } from './support/raw-connection.ts';
import { type Service, startService } from './support/service.ts';

/** Lines as they come from honest and from hostile peers. */
const line = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.json({ maxDepth: 3 }).map((json) => `{"jsonrpc":"2.0","id":1,"method":"test.echo","params":${json}}`),
  },
  {
    weight: 2,
    arbitrary: fc.json({ maxDepth: 3 }).map((json) => `{"jsonrpc":"2.0","id":${json},"method":"test.echo"}`),
  },
  { weight: 1, arbitrary: fc.json({ maxDepth: 3 }).map((json) => `{"jsonrpc":"2.0","id":2,"method":${json}}`) },
  {
    weight: 1,
    arbitrary: fc.json({ maxDepth: 2 }).map((json) => `[${json},{"jsonrpc":"2.0","id":3,"method":"test.echo"}]`),
  },
  { weight: 1, arbitrary: fc.json() },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\n', ' ')) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '',
      '\r',
      '{',
      'GET / HTTP/1.1',
      'POST ',
      'PO',
      '{"jsonrpc":"2.0","method":"test.echo"}',
    ),
  },
);
const input = fc.oneof(
  { weight: 4, arbitrary: fc.array(line, { maxLength: 8 }).map((lines) => Buffer.from(lines.join('\n'))) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
);

describe('a listener, for any bytes', () => {
  let service: Service;
  before(async () => {
    service = await startService({ lingerMs: 100 });
  });
  after(() => service.close());

  /** All that comes back for `chunks` and the end of the input. */
  const answersTo = async (chunks: readonly Uint8Array[]): Promise<string> => {
    const connection = await RawConnection.open(service.address);
    for (const chunk of chunks) {
      connection.say(chunk);
      if (chunks.length > 1) await new Promise((resolve) => setImmediate(resolve));
    }
    connection.socket.end();
    const received = await connection.untilEnd();
    connection.close();
    return received.replaceAll(/^Date: .*$/gm, 'Date: some day');
  };

  it('answers in JSON-RPC or in HTTP and ends, and others go on', async () => {
    await fc.assert(
      fc.asyncProperty(input, async (bytes) => {
        const received = await answersTo([bytes]);
        if (received.startsWith('HTTP/1.1 ')) return;
        for (const text of received.split('\n').slice(0, -1)) {
          for (const answer of [JSON.parse(text) as unknown].flat()) {
            expect(answer).to.have.property('jsonrpc', '2.0');
            expect(answer).to.satisfy((told: object) => 'result' in told !== 'error' in told);
          }
        }
      }),
      { numRuns: 300 },
    );
    await service.expectOthersUnharmed();
    expect(service.defects).to.deep.equal([]);
  });

  it('answers the same wherever the bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(input, fc.array(fc.nat(), { maxLength: 6 }), async (bytes, places) => {
        const at = [0, ...places.map((place) => place % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
        const chunks = at.slice(1).map((end, index) => bytes.subarray(at[index], end));
        expect(await answersTo(chunks)).to.equal(await answersTo([bytes]));
      }),
      { numRuns: 200 },
    );
    await service.expectOthersUnharmed();
  });
});

describe('a call, for any peer', () => {
  /** What the peer does about a request, in the order in which requests come. */
  const deed = fc.constantFrom(
    'answer',
    'answer',
    'answer',
    'refuse',
    'hold',
    'late',
    'nonsense',
    'half',
    'end',
    'reset',
  );

  it('ends in time, with the answer that was given or with the truth', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(deed, { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 4 }),
        async (deeds, turns) => {
          const arrived = new Set<unknown>();
          const neverLeft: number[] = [];
          let count = 0;
          const peer = await FakePeer.start(({ id, params }, socket) => {
            arrived.add(params.n);
            const refusal = { jsonrpc: '2.0', id, error: new UnderstudyError('NOT_READY', 'not yet').toWire() };
            switch (deeds[count++ % deeds.length]) {
              case 'answer':
                return void socket.write(answerLine(id, params.n));
              case 'refuse':
                return void socket.write(`${JSON.stringify(refusal)}\n`);
              case 'late':
                return void setTimeout(() => socket.destroyed || socket.write(answerLine(id, params.n)), 5);
              case 'nonsense':
                return void socket.write('{"no":"sense"}\n');
              case 'half':
                return void socket.end(answerLine(id, params.n).slice(0, 20));
              case 'end':
                return void socket.end();
              case 'reset':
                // After the end Node cannot reset any more, and would keep the socket for ever.
                return void (socket.writableEnded || socket.resetAndDestroy());
              default:
                return; // held for ever
            }
          });
          const { transport } = realWorld();
          const calls: Promise<void>[] = [];
          const ended = async (n: number): Promise<void> => {
            try {
              expect(await transport.call(peer.address, 'test', { n }, { timeoutMs: 60 })).to.equal(n);
            } catch (error) {
              if (!(error instanceof UnderstudyError)) throw error;
              if (error.definite && error.name !== 'NOT_READY') neverLeft.push(n);
            }
          };
          for (let n = 0; n < 20; n++) {
            calls.push(ended(n));
            if (n % turns === 0) await new Promise((resolve) => setImmediate(resolve));
          }
          await Promise.all(calls);
          await transport.close();
          await peer.close();
          expect(neverLeft.filter((n) => arrived.has(n))).to.deep.equal([]);
        },
      ),
      { numRuns: 60 },
    );
  });
});

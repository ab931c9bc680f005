/** Bad input gets a standard answer over TCP and over HTTP, tells nothing of the inside, and hurts nobody else. */
import { expect } from 'chai';
import { BAD_INPUTS } from './support/bad-input.ts';
import { documentedOutcomes } from './support/errors-doc.ts';
import { httpOutcome, tcpOutcome } from './support/outcome.ts';
import { RawConnection } from './support/raw-connection.ts';
import { type Service, startService } from './support/service.ts';

describe('bad input', () => {
  let service: Service;
  before(async () => {
    service = await startService();
  });
  after(() => service.close());
  afterEach(() => service.expectOthersUnharmed());

  const documented = documentedOutcomes();

  it('stands in the docs, every piece of it and nothing else', () => {
    expect([...documented.keys()]).to.deep.equal(BAD_INPUTS.map(({ name }) => name));
  });

  for (const input of BAD_INPUTS) {
    const expected = documented.get(input.name);
    if (input.tcp !== undefined) {
      it(`TCP, ${input.name}: ${expected?.tcp}`, async () => {
        expect(await tcpOutcome(service.address, input)).to.equal(expected?.tcp);
      });
    }
    if (input.http !== undefined) {
      it(`HTTP, ${input.name}: ${expected?.http}`, async () => {
        expect(await httpOutcome(service.address, input)).to.equal(expected?.http);
      });
    }
  }

  it('leaves the connection usable where it does not end it', async () => {
    const connection = await RawConnection.open(service.address);
    connection.say('not JSON\n[]\n\n');
    connection.say(Buffer.from([0xff, 0x0a]));
    connection.say(`${'['.repeat(1e6)}\n`);
    connection.request(2, 'constructor');
    connection.request(3, 'test.echo', { n: 1 });
    const codes = (await connection.answers(5)).map((answer) => (answer as { error: { code: number } }).error.code);
    expect(codes).to.deep.equal([-32_700, -32_600, -32_700, -32_600, -32_601]);
    expect(await connection.answer()).to.deep.equal({ jsonrpc: '2.0', id: 3, result: { n: 1 } });
    connection.close();
  });

  it('says in data which failure it was, and that nothing was done', async () => {
    const connection = await RawConnection.open(service.address);
    connection.say('nonsense\n');
    expect(await connection.answer()).to.deep.equal({
      jsonrpc: '2.0',
      id: null,
      error: { code: -32_700, message: 'not JSON', data: { name: 'PARSE_ERROR', definite: true } },
    });
    connection.request('a', 'no.such.method');
    expect(await connection.answer()).to.deep.equal({
      jsonrpc: '2.0',
      id: 'a',
      error: { code: -32_601, message: 'Method not found', data: { name: 'METHOD_NOT_FOUND', definite: true } },
    });
    connection.close();
  });

  it('shows neither text nor stack nor path of a defect, and tells the owner of the listener', async () => {
    const connection = await RawConnection.open(service.address);
    connection.request(1, 'test.defect');
    expect(await connection.answer()).to.deep.equal({
      jsonrpc: '2.0',
      id: 1,
      error: { code: -32_603, message: 'internal error', data: { name: 'INTERNAL_ERROR', definite: false } },
    });
    expect(service.defects.map(String)).to.deep.equal(['TypeError: a secret of /home/somebody/file.ts']);
    connection.close();
  });

  it('executes nothing of a line that was cut off', async () => {
    const connection = await RawConnection.open(service.address);
    connection.say('{"jsonrpc":"2.0","id":1,"method":"test.note","params":{}');
    connection.socket.end();
    await connection.untilEnd();
    connection.close();
    expect(service.noted).to.deep.equal([]);
  });

  it('keeps __proto__ as data', async () => {
    const connection = await RawConnection.open(service.address);
    connection.say(
      '{"jsonrpc":"2.0","id":1,"method":"test.echo","params":{"__proto__":{"polluted":1}},"__proto__":3}\n',
    );
    await connection.answer();
    expect(connection.received).to.equal('{"jsonrpc":"2.0","id":1,"result":{"__proto__":{"polluted":1}}}\n');
    expect(({} as Record<string, unknown>).polluted).to.equal(undefined);
    connection.close();
  });
});

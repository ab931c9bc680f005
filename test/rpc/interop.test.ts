/** Other people's clients reach a listener, as far as their framing allows. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { parseAddress } from '@understudy/rpc';
import { expect } from 'chai';
import jayson from 'jayson';
import { RawConnection } from './support/raw-connection.ts';
import { type Service, startService } from './support/service.ts';

describe('interop', () => {
  let service: Service;
  before(async () => {
    service = await startService();
  });
  after(() => service.close());
  afterEach(() => service.expectOthersUnharmed());

  const call = (client: jayson.Client, method: string, params: object): Promise<unknown> =>
    new Promise((resolve, reject) => {
      client.request(method, params, (error?: Error | null, response?: unknown) =>
        error ? reject(error) : resolve(response),
      );
    });

  it("answers jayson's TCP client, which opens a connection for each request", async () => {
    const client = jayson.Client.tcp(parseAddress(service.address));
    expect(await call(client, 'test.echo', { text: 'é' })).to.deep.include({ result: { text: 'é' } });
    expect(await call(client, 'no.such', {})).to.have.nested.property('error.code', -32_601);
  });

  it("answers jayson's HTTP client", async () => {
    const { host, port } = parseAddress(service.address);
    const client = jayson.Client.http({ host, port, path: '/rpc' });
    expect(await call(client, 'test.echo', { text: 'é' })).to.deep.include({ result: { text: 'é' } });
    expect(await call(client, 'no.such', {})).to.have.nested.property('error.code', -32_601);
  });

  it('answers a batch of jayson over TCP', async () => {
    const client = jayson.Client.tcp(parseAddress(service.address));
    const batch = [client.request('test.echo', { n: 1 }), client.request('test.note', {}, null)];
    const answers = await new Promise((resolve, reject) => {
      client.request(batch, (error: Error | null, responses: unknown) => (error ? reject(error) : resolve(responses)));
    });
    expect(answers).to.have.length(1).and.to.have.nested.property('[0].result.n', 1);
  });

  it('answers who pipes a request in and ends, with and without a newline', async () => {
    for (const end of ['\n', '']) {
      const connection = await RawConnection.open(service.address);
      connection.say(`{"jsonrpc":"2.0","id":1,"method":"test.echo"}${end}`);
      connection.socket.end();
      expect(await connection.untilEnd()).to.equal('{"jsonrpc":"2.0","id":1,"result":{}}\n');
      connection.close();
    }
  });

  it('still answers what takes its time after the caller ended his side', async () => {
    const connection = await RawConnection.open(service.address);
    connection.request(1, 'test.hold');
    connection.socket.end();
    while (service.held.length === 0) await new Promise((resolve) => setImmediate(resolve));
    service.held.splice(0)[0]?.result({ late: true });
    expect(await connection.untilEnd()).to.equal('{"jsonrpc":"2.0","id":1,"result":{"late":true}}\n');
    connection.close();
  });

  it('answers a batch as one line, in the order of its requests', async () => {
    const connection = await RawConnection.open(service.address);
    const hold = { jsonrpc: '2.0', id: 'slow', method: 'test.hold' };
    const note = { jsonrpc: '2.0', method: 'test.note' };
    const echo = { jsonrpc: '2.0', id: 'quick', method: 'test.echo' };
    connection.say(`${JSON.stringify([hold, note, [echo], echo])}\n`);
    while (service.held.length === 0) await new Promise((resolve) => setImmediate(resolve));
    service.held.splice(0)[0]?.result({});
    const answers = (await connection.answer()) as { id: unknown }[];
    expect(answers.map(({ id }) => id)).to.deep.equal(['slow', null, 'quick']);
    connection.close();
  });

  it('does not answer notifications, with or without id null', async () => {
    const connection = await RawConnection.open(service.address);
    const before = service.noted.length;
    connection.request(undefined, 'test.note');
    connection.request(null, 'test.note');
    connection.request(undefined, 'no.such.method');
    connection.say('[{"jsonrpc":"2.0","method":"test.note"}]\n');
    connection.request('last', 'test.echo');
    expect(await connection.answer()).to.have.property('id', 'last');
    expect(service.noted.length - before).to.equal(3);
    connection.close();
  });

  it('says the first answer of a method, and nothing of those after it', async () => {
    const connection = await RawConnection.open(service.address);
    connection.request(1, 'test.twice');
    connection.say('[{"jsonrpc":"2.0","id":2,"method":"test.twice"}]\n');
    connection.request(3, 'test.echo');
    const answers = await connection.answers(3);
    expect(answers).to.deep.equal([
      { jsonrpc: '2.0', id: 1, result: { answer: 1 } },
      [{ jsonrpc: '2.0', id: 2, result: { answer: 1 } }],
      { jsonrpc: '2.0', id: 3, result: {} },
    ]);
    connection.close();
  });

  it('gives ids back as they came', async () => {
    const connection = await RawConnection.open(service.address);
    for (const id of [0, -1.5, Number.MAX_SAFE_INTEGER, '', 'a"\n\u2028']) {
      connection.request(id, 'test.echo');
      expect(await connection.answer()).to.have.property('id', id);
    }
    connection.close();
  });

  it('answers curl', async function () {
    const curl = spawn('curl', [
      ...['-s', '-H', 'Content-Type: application/json', '-d', '{"jsonrpc":"2.0","id":1,"method":"test.echo"}'],
      `http://${service.address}/rpc`,
    ]);
    const failed = await Promise.race([once(curl, 'spawn').then(() => false), once(curl, 'error').then(() => true)]);
    if (failed) {
      if (process.env.CI === 'true') throw new Error('curl is not installed');
      this.skip();
    }
    let text = '';
    for await (const chunk of curl.stdout) text += String(chunk);
    expect(text).to.equal('{"jsonrpc":"2.0","id":1,"result":{}}');
  });
});

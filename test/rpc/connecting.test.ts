/** Making a connection: in time, or not at all. */
import { type AddressInfo, createServer } from 'node:net';
import { RealClock } from '@understudy/rpc';
import { expect } from 'chai';
import { connect } from '../../packages/rpc/src/connecting.ts';

describe('connect', () => {
  const server = createServer((socket) => socket.on('error', () => {}).resume());
  let to: string;
  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    to = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => new Promise((resolve) => server.close(resolve)));

  const outcome = (timeoutMs: number, clock = new RealClock(), abandoned = false): Promise<string> =>
    new Promise((resolve) => {
      const abandon = connect({
        to,
        clock,
        timeoutMs,
        onConnected: (socket) => {
          socket.destroy();
          resolve('connected');
        },
        onFailed: (reason) => resolve(`failed: ${reason}`),
      });
      if (abandoned) {
        abandon();
        setTimeout(resolve, 50, 'nothing');
      }
    });

  it('connects', async () => {
    expect(await outcome(1_000)).to.equal('connected');
  });

  it('fails when the time is over first', async () => {
    const impatient = new RealClock();
    impatient.after = (_delayMs, callback) => {
      const tick = { cancelled: false, cancel: () => void (tick.cancelled = true) };
      process.nextTick(() => tick.cancelled || callback());
      return tick;
    };
    impatient.endOfTurn = (callback) => callback();
    expect(await outcome(1_000, impatient)).to.equal('failed: no connection in time');
  });

  it('sees a connection that came while the process stood still, before it gives up', async () => {
    const connected = outcome(20);
    for (const endMs = performance.now() + 50; performance.now() < endMs; );
    expect(await connected).to.equal('connected');
  });

  it('says nothing once it is abandoned', async () => {
    expect(await outcome(1_000, new RealClock(), true)).to.equal('nothing');
  });
});

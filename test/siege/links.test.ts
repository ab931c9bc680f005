import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { SeededRandom } from '@understudy/testkit';
import { expect } from 'chai';
import { eventually } from '../cli/command.ts';
import { freePorts } from '../support/free-ports.ts';
import { Links } from './links.ts';

/** Connections of the test come from `a`, and reach `b`, which sends everything back in capitals. */
describe('siege: links', () => {
  let links: Links;
  let echo: Server;
  let port: number;
  let heard: string;

  beforeEach(async () => {
    heard = '';
    echo = createServer((socket) => {
      socket.on('data', (bytes) => {
        heard += String(bytes);
        socket.write(String(bytes).toUpperCase());
      });
      socket.on('error', () => {}); // the test resets connections
    });
    await once(echo.listen(0, '127.0.0.1'), 'listening');
    const targetPort = (echo.address() as AddressInfo).port;
    links = new Links(new SeededRandom(1), () => 'a');
    [port = 0] = await freePorts(1);
    await links.proxy({ node: 'b', port, targetPort });
  });

  afterEach(async () => {
    await links.close();
    echo.close();
  });

  it('pass bytes on in both directions', async () => {
    const { socket, answers } = await caller();
    socket.write('hello');
    await eventually('the echo arrives', () => answers() === 'HELLO');
    socket.destroy();
  });

  it('that are cut in one direction deliver nothing there, and everything afterwards', async () => {
    const { socket, answers } = await caller();
    const lift = links.lay({ concerns: (from, to) => from === 'b' && to === 'a', state: { cut: true } });
    socket.write('one');
    await eventually('b hears it', () => heard === 'one');
    socket.write('two');
    await eventually('b hears more', () => heard === 'onetwo');
    expect(answers()).to.equal('');
    lift();
    await eventually('the answers arrive in order', () => answers() === 'ONETWO');
    socket.destroy();
  });

  it('let no connection through while they are cut, and make it afterwards', async () => {
    const lift = links.lay({ concerns: () => true, state: { cut: true } });
    const { socket, answers } = await caller();
    socket.write('late');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(heard).to.equal('');
    lift();
    await eventually('the echo arrives', () => answers() === 'LATE');
    socket.destroy();
  });

  it('that lose pieces keep the order, and lose nothing for good', async () => {
    const lift = links.lay({ concerns: () => true, state: { loss: 0.3, delayMs: 1, jitterMs: 5 } });
    const { socket, answers } = await caller();
    const words = Array.from({ length: 20 }, (_, number) => `${number};`);
    for (const word of words) {
      socket.write(word);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await eventually('everything arrives', () => answers() === words.join(''));
    lift();
    socket.destroy();
  });

  it('end the connections that are to be reset, and no others', async () => {
    const { socket } = await caller();
    expect(links.reset((from) => from === 'c')).to.equal(0);
    const closed = once(socket, 'close');
    expect(links.reset((from, to) => from === 'a' && to === 'b')).to.equal(1);
    await closed;
  });

  async function caller(): Promise<{ readonly socket: Socket; readonly answers: () => string }> {
    const socket = connect(port, '127.0.0.1');
    let answers = '';
    socket.on('data', (bytes) => {
      answers += String(bytes);
    });
    socket.on('error', () => {}); // the test resets connections
    await once(socket, 'connect');
    return { socket, answers: () => answers };
  }
});

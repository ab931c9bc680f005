/** A process that does nothing with what it gets: sends it back, or, given the port of another such process, passes it on and the answer back. */
import { type AddressInfo, connect, createServer } from 'node:net';
import { pipeline } from 'node:stream';

const [next] = process.argv.slice(2);

const server = createServer({ noDelay: true }, (socket) => {
  const through = next === undefined ? [] : [connect({ port: Number(next), host: '127.0.0.1', noDelay: true })];
  pipeline([socket, ...through, socket], () => socket.destroy());
}).listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.once('disconnect', () => process.exit());

import { createServer } from 'node:net';

/** Below those that the system gives to outgoing connections: one of those could take the port of a process that is dead just now. */
const FIRST_PORT = 20_000;
const PORTS = 12_000;

/** Side by side, and free a moment ago. */
export async function freePorts(count: number): Promise<readonly number[]> {
  for (;;) {
    const first = FIRST_PORT + Math.floor(Math.random() * (PORTS - count));
    const ports = Array.from({ length: count }, (_, place) => first + place);
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) return ports;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

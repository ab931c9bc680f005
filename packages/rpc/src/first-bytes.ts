/** Detects the protocol of a connection from its first bytes. */
import { METHODS } from 'node:http';
import type { Socket } from 'node:net';

export interface Meeting {
  /** Called for HTTP. The bytes read are back in the socket. */
  readonly onHttp: () => void;
  /** Called for lines, with the first bytes. `inputEnded` says that the input ended with them. */
  readonly onLines: (first: Buffer, inputEnded: boolean) => void;
}

/** Waits for enough bytes, then calls one of the two. */
export function meet(socket: Socket, { onHttp, onLines }: Meeting): void {
  let first: Buffer = Buffer.alloc(0);
  const read = (chunk: Buffer): void => {
    first = first.length === 0 ? chunk : Buffer.concat([first, chunk]);
    const protocol = protocolOf(first);
    if (protocol === 'undecided') return;
    leave();
    if (protocol === 'lines') return onLines(first, false);
    socket.pause();
    socket.unshift(first);
    onHttp();
    socket.resume();
  };
  const end = (): void => {
    leave();
    onLines(first, true);
  };
  const leave = (): void => {
    socket.off('data', read);
    socket.off('end', end);
  };
  socket.on('data', read);
  socket.on('end', end);
}

const HTTP_STARTS: readonly string[] = METHODS.map((method) => `${method} `);
const LONGEST_START = Math.max(...HTTP_STARTS.map((start) => start.length));

/** HTTP starts with a method and a space. Everything else counts as lines. */
export function protocolOf(firstBytes: Buffer): 'http' | 'lines' | 'undecided' {
  const start = firstBytes.toString('latin1', 0, LONGEST_START);
  if (HTTP_STARTS.some((httpStart) => start.startsWith(httpStart))) return 'http';
  return HTTP_STARTS.some((httpStart) => httpStart.startsWith(start)) ? 'undecided' : 'lines';
}

/** Tells from its first bytes what a connection speaks. */
import { METHODS } from 'node:http';
import type { Socket } from 'node:net';

export interface Meeting {
  /** It speaks HTTP; what was read is back in the socket. */
  readonly onHttp: () => void;
  /** It speaks lines, and these are its first bytes; `inputEnded`: and its last. */
  readonly onLines: (first: Buffer, inputEnded: boolean) => void;
}

/** Waits for enough of the first bytes, then calls one of the two. */
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

/** HTTP starts with a method and a space; everything else is lines. */
export function protocolOf(firstBytes: Buffer): 'http' | 'lines' | 'undecided' {
  const start = firstBytes.toString('latin1', 0, LONGEST_START);
  if (HTTP_STARTS.some((httpStart) => start.startsWith(httpStart))) return 'http';
  return HTTP_STARTS.some((httpStart) => httpStart.startsWith(start)) ? 'undecided' : 'lines';
}

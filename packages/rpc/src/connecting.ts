/** Makes one connection, within a time. */
import { connect as connectSocket, type Socket } from 'node:net';
import { parseAddress } from './address.ts';
import type { Clock } from './clock.ts';
import type { Address } from './transport.ts';

/** After such a silence the system asks whether the other machine still lives. */
const KEEP_ALIVE_DELAY_MS = 30_000;

/** A reason why there is no connection. */
export const TOO_SLOW = 'no connection in time';

export interface Connecting {
  readonly to: Address;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly onConnected: (socket: Socket) => void;
  /** Instead: why there is no connection. */
  readonly onFailed: (reason: string) => void;
}

/** Calls one of the two, later and once; returns what abandons the attempt, after which it calls neither. */
export function connect({ to, clock, timeoutMs, onConnected, onFailed }: Connecting): () => void {
  const socket = connectSocket({
    ...parseAddress(to),
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_DELAY_MS,
  });
  let over = false;
  const finish = (): boolean => {
    const first = !over;
    over = true;
    timer.cancel();
    return first;
  };
  const fail = (reason: string): void => {
    if (!finish()) return;
    socket.destroy();
    onFailed(reason);
  };
  // At the end of the turn: a connection that came while the process stood still is seen before.
  const timer = clock.after(timeoutMs, () => clock.endOfTurn(() => fail(TOO_SLOW)));
  socket.on('error', (error: NodeJS.ErrnoException) => fail(error.code ?? error.message));
  socket.once('close', () => fail('closed'));
  socket.once('connect', () => {
    if (finish()) onConnected(socket);
  });
  return () => {
    if (finish()) socket.destroy();
  };
}

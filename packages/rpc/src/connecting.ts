/** Opens one connection, with a time-out. */
import { connect as connectSocket, type Socket } from 'node:net';
import { parseAddress } from './address.ts';
import type { Clock } from './clock.ts';
import type { Address } from './transport.ts';

/** After this much silence the system checks whether the other machine is still alive. */
const KEEP_ALIVE_DELAY_MS = 30_000;

/** The reason of a connection time-out. */
export const TOO_SLOW = 'no connection in time';

export interface Connecting {
  readonly to: Address;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly onConnected: (socket: Socket) => void;
  /** Called instead, with the reason. */
  readonly onFailed: (reason: string) => void;
}

/**
 * Calls one of the two callbacks later, once. Returns a function that abandons the attempt; neither is called after
 * that.
 */
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
  // Checked at the end of the turn, so that a connection made while the process was stopped is seen first.
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

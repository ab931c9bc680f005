/** Ends a connection so that written data still arrives, without ever waiting indefinitely. */
import type { Socket } from 'node:net';
import type { Clock } from './clock.ts';

/**
 * Sends the end after the written data, drops further input, and destroys the socket when the other end has ended too,
 * or after `lingerMs`. A socket that is destroyed with unread input would reset the connection and lose the last
 * answers.
 */
export function endGently(socket: Socket, clock: Clock, lingerMs: number): void {
  if (socket.destroyed) return;
  const timer = clock.after(lingerMs, () => socket.destroy());
  socket.once('close', () => timer.cancel());
  socket.once('end', () => socket.destroySoon());
  if (socket.readableEnded) socket.destroySoon();
  else socket.end();
  socket.resume();
}

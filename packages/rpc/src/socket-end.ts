/** Ends a connection so that what was written arrives, and never waits for ever. */
import type { Socket } from 'node:net';
import type { Clock } from './clock.ts';

/**
 * Sends the end after what was written, drops what still comes, and destroys the socket when the other end has ended too, or has
 * not within `lingerMs`: a socket destroyed with unread input would reset the connection, and take the last answers with it.
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

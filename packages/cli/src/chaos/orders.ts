/** What the control of `understudy up --chaos` tells a process that it started, over the channel between the two. */
import { type Address, realWorld, type World } from '@understudy/rpc';
import { CutTransport } from './cut-transport.ts';

/** From whom the process is cut off from now on: calls of these get no answer any more. */
export interface CutOrder {
  readonly kind: 'cut';
  readonly peers: readonly Address[];
}

/** A world that obeys such orders until the process ends. Whoever asks for it closes its transport. */
export function obedientWorld(): World {
  const world = realWorld();
  const transport = new CutTransport(world.transport, world.clock);
  process.on('message', (message: unknown) => {
    const order = message as Partial<CutOrder> | null;
    if (order?.kind === 'cut' && Array.isArray(order.peers)) transport.cutOff(order.peers);
  });
  return { ...world, transport };
}

/**
 * Orders from the control of `understudy up --chaos` to a process that it started, over the channel between the two.
 */
import { type Address, realWorld, type World } from '@understudy/rpc';
import { CutTransport } from './cut-transport.ts';

/** The peers that the process is cut off from, from now on. Calls of them get no answer. */
export interface CutOrder {
  readonly kind: 'cut';
  readonly peers: readonly Address[];
}

/** A world that obeys such orders until the process ends. The caller closes its transport. */
export function obedientWorld(): World {
  const world = realWorld();
  const transport = new CutTransport(world.transport, world.clock);
  process.on('message', (message: unknown) => {
    const order = message as Partial<CutOrder> | null;
    if (order?.kind === 'cut' && Array.isArray(order.peers)) transport.cutOff(order.peers);
  });
  return { ...world, transport };
}

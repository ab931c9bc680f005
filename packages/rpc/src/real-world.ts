/** The real world, in one bundle. */
import { JsonRpcTransport, type JsonRpcTransportOptions } from './json-rpc-transport.ts';
import { LevelDisk } from './level-disk.ts';
import { RealClock } from './real-clock.ts';
import { RealRandom } from './real-random.ts';
import type { World } from './world.ts';

export type RealWorldOptions = Pick<JsonRpcTransportOptions, 'limits' | 'onDefect'>;

/** A clock, randomness, a disk and a transport of its own for each caller; whoever makes it closes its transport. */
export function realWorld(options: RealWorldOptions = {}): World {
  const clock = new RealClock();
  const random = new RealRandom();
  return { clock, random, disk: new LevelDisk(), transport: new JsonRpcTransport({ clock, random, ...options }) };
}

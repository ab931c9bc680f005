/** The real world: real clock, randomness, disk and transport. */
import { JsonRpcTransport, type JsonRpcTransportOptions } from './json-rpc-transport.ts';
import { LevelDisk } from './level-disk.ts';
import { RealClock } from './real-clock.ts';
import { RealRandom } from './real-random.ts';
import type { World } from './world.ts';

export type RealWorldOptions = Pick<JsonRpcTransportOptions, 'limits' | 'onDefect'>;

/** Creates a clock, randomness, a disk and a transport. The caller must close the transport. */
export function realWorld(options: RealWorldOptions = {}): World {
  const clock = new RealClock();
  const random = new RealRandom();
  return { clock, random, disk: new LevelDisk(), transport: new JsonRpcTransport({ clock, random, ...options }) };
}

/** The world of a process: everything it needs from outside. There is a real and a simulated implementation. */
import type { Clock } from './clock.ts';
import type { Disk } from './disk.ts';
import type { Random } from './random.ts';
import type { Transport } from './transport.ts';

export interface World {
  readonly clock: Clock;
  readonly random: Random;
  readonly disk: Disk;
  readonly transport: Transport;
}

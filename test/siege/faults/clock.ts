/** The wall clock of a process jumps, forward or back, by seconds or by an hour. */
import type { Fault } from '../field.ts';

const JUMPS_SECONDS = [-3_600, -60, -5, -1, 0, 1, 5, 60, 3_600];

export const clockJump: Fault = async (field, random) => {
  const { clocks, cluster } = field;
  if (clocks === undefined) return;
  const { name } = random.pick(cluster.members);
  const seconds = random.pick(JUMPS_SECONDS);
  clocks.set(name, seconds);
  field.tally.add('clockJumps');
  field.tell(`the wall clock of ${name} is now off by ${seconds} s`);
};

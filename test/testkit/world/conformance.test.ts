/** The simulated twins do what every Clock, Random and Transport does. */

import { SeededRandom, SimulatedWorld } from '@understudy/testkit';
import { clockConformance, randomConformance, transportConformance } from '../../support/conformance/index.ts';

/** Time passes as the world makes it. */
function passageOf(world: SimulatedWorld) {
  return {
    advance: (ms: number) => world.runFor(ms),
    until: <T>(promise: Promise<T>) => world.runUntilSettled(promise),
    cleanup: async () => {},
  };
}

describe('the simulated world', () => {
  clockConformance('simulated', () => {
    const world = new SimulatedWorld({ seed: 1 });
    return { clock: world.process('p').world.clock, ...passageOf(world) };
  });

  clockConformance('simulated, fast', () => {
    const world = new SimulatedWorld({ seed: 2 });
    const process = world.process('p');
    process.setClockRate(1.1);
    return { clock: process.world.clock, ...passageOf(world) };
  });

  randomConformance('seeded', () => ({ random: new SeededRandom('conformance') }));

  randomConformance('of a simulated process', () => ({
    random: new SimulatedWorld({ seed: 3 }).process('p').world.random,
  }));

  transportConformance('simulated', () => {
    const world = new SimulatedWorld({ seed: 4 });
    return {
      server: world.process('server').world.transport,
      client: world.process('client').world.transport,
      listenAt: 'server:0',
      nowhere: 'nowhere:1',
      ...passageOf(world),
    };
  });
});

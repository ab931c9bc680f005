/** The disks of the testkit: what every Disk does, and what goes wrong with one. */
import { MemoryDisk, SimulatedWorld } from '@understudy/testkit';
import { expect } from 'chai';
import { diskConformance, entriesOf, failureOf, put, remove } from '../../support/conformance/index.ts';

diskConformance('in memory', () => ({
  disk: new MemoryDisk(),
  directory: 'data',
  advance: async () => {},
  until: (promise) => promise,
  cleanup: async () => {},
}));

diskConformance('simulated', () => {
  const world = new SimulatedWorld({ seed: 1 });
  return {
    disk: world.process('p').world.disk,
    directory: 'data',
    advance: (ms) => world.runFor(ms),
    until: (promise) => world.runUntilSettled(promise),
    cleanup: async () => {},
  };
});

/** The simulated world: a twin of everything that a process takes from outside, in virtual time and from one seed. */
export { type Guard, guardGlobals } from './guard-globals.ts';
export type { Filter, Interceptor, Verdict } from './interceptors.ts';
export { CALM, type LinkFaults } from './link.ts';
export type { Party } from './links.ts';
export type { Fate, Message, Trace, TraceEntry } from './message.ts';
export type { Defect, Unreliability } from './router.ts';
export { SeededRandom } from './seeded-random.ts';
export type { SimulatedNetwork } from './simulated-network.ts';
export type { Leftovers, SimulatedProcess } from './simulated-process.ts';
export { SimulatedWorld, type SimulatedWorldOptions } from './simulated-world.ts';
export { type RunLimits, VirtualClock } from './virtual-clock.ts';

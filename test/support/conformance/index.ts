/** The conformance suites: one per interface of the world, run by every implementation. */
export { type ClockUnderTest, clockConformance } from './clock.ts';
export { type DiskUnderTest, diskConformance, entriesOf, failureOf, put, remove } from './disk.ts';
export type { Passage } from './passage.ts';
export { type RandomUnderTest, randomConformance } from './random.ts';
export { type TransportUnderTest, transportConformance } from './transport.ts';

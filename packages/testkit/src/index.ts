/** Tests for what must survive a server: a simulated world, a faulty cluster in it, a checker, a local cluster. */
export type { Cluster, ClusterServer, Who } from './local-cluster/cluster.ts';
export { startCluster } from './local-cluster/local-cluster.ts';
export type { ClusterOptions } from './local-cluster/options.ts';
export { type Guard, guardGlobals } from './world/guard-globals.ts';
export type { Filter, Interceptor, Verdict } from './world/interceptors.ts';
export { CALM, type LinkFaults } from './world/link.ts';
export type { Party } from './world/links.ts';
export type { Fate, Message, Trace, TraceEntry } from './world/message.ts';
export type { Defect, Unreliability } from './world/router.ts';
export { SeededRandom } from './world/seeded-random.ts';
export type { SimulatedNetwork } from './world/simulated-network.ts';
export type { Leftovers, SimulatedProcess } from './world/simulated-process.ts';
export { SimulatedWorld, type SimulatedWorldOptions } from './world/simulated-world.ts';
export { type RunLimits, VirtualClock } from './world/virtual-clock.ts';

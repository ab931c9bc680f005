/**
 * The public names of @understudy/testkit: a simulated world, a faulty cluster in it, a checker, and a local cluster.
 */
export { FAILURES, type FailureName, UnderstudyError } from '@understudy/rpc';
export type { CheckBudget } from './checker/budget.ts';
export { type CheckOptions, type CheckResult, checkLinearizable } from './checker/check.ts';
export type { History, HistoryEvent, OperationName, Scalar } from './checker/history.ts';
export { HistoryError, parseHistory } from './checker/history-reader.ts';
export type { Verdict as CheckVerdict } from './checker/search.ts';
export type { StretchEvent, Violation as HistoryViolation } from './checker/violation.ts';
export {
  CLIENT_FAULTS,
  CLOCK_FAULTS,
  DISK_FAULTS,
  FAULT_CLASSES,
  type FaultClass,
  MOMENT_FAULTS,
  MONITOR_DISK_FAULTS,
  NETWORK_FAULTS,
  OUTSIDE_FAULTS,
  PROCESS_FAULTS,
} from './faults/classes.ts';
export type { Cluster, ClusterServer, Who } from './local-cluster/cluster.ts';
export { startCluster } from './local-cluster/local-cluster.ts';
export type { ClusterOptions } from './local-cluster/options.ts';
export { SITUATIONS, type Situation } from './simulation/coverage.ts';
export type { ClientCode, ClientContext, SimulationOptions } from './simulation/options.ts';
export type { SimulationResult, Violation } from './simulation/result.ts';
export { SHAPES, type Shape } from './simulation/shape.ts';
export { simulate } from './simulation/simulate.ts';
export { TRACE_FORMAT, type TraceEvent, type TraceStart } from './simulation/trace.ts';
export { type Guard, guardGlobals } from './world/guard-globals.ts';
export type { Filter, Interceptor, Verdict } from './world/interceptors.ts';
export { CALM, type LinkFaults } from './world/link.ts';
export type { Party } from './world/links.ts';
export { MemoryDisk } from './world/memory-disk.ts';
export type { Fate, Message, Trace, TraceEntry } from './world/message.ts';
export type { PageReading } from './world/page-reading.ts';
export type { Defect, Unreliability } from './world/router.ts';
export { SeededRandom } from './world/seeded-random.ts';
export type { DiskImage, FlippedBit, SimulatedDisk } from './world/simulated-disk.ts';
export { type DiskFaults, SOUND_DISK } from './world/simulated-disk-state.ts';
export type { SimulatedNetwork } from './world/simulated-network.ts';
export type { Leftovers, SimulatedProcess } from './world/simulated-process.ts';
export { SimulatedWorld, type SimulatedWorldOptions } from './world/simulated-world.ts';
export { type RunLimits, VirtualClock } from './world/virtual-clock.ts';

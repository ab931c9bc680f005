/** The public names of @understudy/rpc. */
export { AbortWatch } from './abort-watch.ts';
export { formatAddress, type HostPort, isServerName, MAX_NAME, parseAddress, parseAddresses } from './address.ts';
export { assert, BrokenInvariant, unreachable } from './assert.ts';
export { CallMeter } from './call-meter.ts';
export type { Clock, Timer } from './clock.ts';
export type { Change, Disk, KeyRange, Store, StoredEntry, StoreKind } from './disk.ts';
export { DurationHistogram } from './duration-histogram.ts';
export { FAILURES, type FailureDetails, type FailureName, UnderstudyError, type WireError } from './failure.ts';
export { fields, type TextLimits, type WholeLimits } from './fields.ts';
export { type HeldLimits, heldLimits, longLivedBytes } from './heap.ts';
export { hostNamesOf, isHostName } from './host-names.ts';
export { isIncarnation, newIncarnation } from './incarnation.ts';
export { JsonRpcTransport, type JsonRpcTransportOptions } from './json-rpc-transport.ts';
export { type OptionNames, refuseUnknownOptions } from './known-options.ts';
export { LevelDisk } from './level-disk.ts';
export { DEFAULT_LIMITS, type Limits } from './limits.ts';
export {
  DROPPED_LOG_RECORDS,
  type Durations,
  loadMetrics,
  type Metric,
  type Sample,
  showMetrics,
} from './metrics.ts';
export { nearest } from './nearest.ts';
export { observed } from './observed.ts';
export {
  type Page,
  type PageAnswer,
  type PageHandler,
  type PageOutlet,
  type PageRequest,
  type Pages,
  type Visit,
  visitPage,
} from './page.ts';
export { type PatientCallOptions, PatientCalls, type Slowness } from './patient-calls.ts';
export type { Random } from './random.ts';
export { RealClock } from './real-clock.ts';
export { RealRandom } from './real-random.ts';
export { type RealWorldOptions, realWorld } from './real-world.ts';
export { malformed, type RefusalKind, Refusals, type RefusalsTold, type Refused } from './refusals.ts';
export { RoundTrips } from './round-trips.ts';
export { seal, sealText, unseal, unsealText } from './sealed.ts';
export { syncDirectory } from './store-directory.ts';
export type {
  Address,
  CallObserver,
  CallOptions,
  Listener,
  ListenOptions,
  Method,
  Neighbours,
  Params,
  Reply,
  SlowCall,
  Transport,
} from './transport.ts';
export { compareUtf8, fromSortable, toSortable } from './utf8-order.ts';
export type { World } from './world.ts';
export type { Writable } from './writable.ts';

/** The public names of @understudy/sysmonitor. */
export { FAILURES, type FailureName, UnderstudyError } from '@understudy/rpc';
export { type Cause, causeInWords } from './cause.ts';
export { MonitorClient } from './client.ts';
export type { MonitorClientOptions, RequestOptions } from './client-options.ts';
export {
  DEAD_PINGS,
  type Identity,
  MAX_VIEWNUM,
  NO_VIEW,
  PING_INTERVAL,
  type Ping,
  type PingAnswer,
  type Position,
  type View,
} from './contract.ts';
export type { MonitorState, Seat } from './core/state.ts';
export { disagreement, monitorToFollow, type ToldView } from './monitor-states.ts';
export type { MonitorNotice } from './notice.ts';
export { tellMonitorNotice, waitingInWords } from './notice-in-words.ts';
export type { MonitorOptions, MonitorStep } from './options.ts';
export { type Monitor, startMonitor } from './server.ts';
export {
  type Condition,
  confirmedServers,
  type MonitorStatus,
  type ServerRole,
  type ServerSighting,
  type ViewChange,
  type Waiting,
} from './status.ts';
export type { MonitorViewEvent } from './telemetry.ts';
export { viewInWords } from './view-in-words.ts';
export { identityOf, incarnationOf, viewOf } from './wire.ts';

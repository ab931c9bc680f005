/** The public names of @understudy/sysmonitor. */
export { type Cause, causeInWords } from './cause.ts';
export {
  DEAD_PINGS,
  NO_VIEW,
  PING_INTERVAL,
  type Ping,
  type PingAnswer,
  type Position,
  type View,
} from './contract.ts';
export type { MonitorNotice } from './notice.ts';
export type { Condition, MonitorStatus, ServerRole, ServerSighting, ViewChange, Waiting } from './status.ts';
export { viewOf } from './wire.ts';

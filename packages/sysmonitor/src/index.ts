/** The public names of @understudy/sysmonitor. */
export { DEAD_PINGS, NO_VIEW, PING_INTERVAL, type Ping, type Position, type View } from './contract.ts';

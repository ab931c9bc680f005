/** The situation of a local cluster: whether every member of the view holds the data, and a description for people. */
import type { Server } from '@understudy/kvservice';
import type { Address } from '@understudy/rpc';
import { type Monitor, type MonitorStatus, NO_VIEW, type View } from '@understudy/sysmonitor';
import type { Seat } from './seat.ts';

export interface Situation {
  readonly monitor: Seat<Monitor>;
  readonly servers: readonly Seat<Server>[];
  /** The number of backups that a view should have. */
  readonly backups: number;
}

/** The newest view that any running node knows. The monitor may have been killed, or may not know it yet. */
export function newestView({ monitor, servers }: Situation): View {
  let newest = monitor.running?.view ?? NO_VIEW;
  for (const { running } of servers) {
    if (running !== undefined && running.view.viewnum > newest.viewnum) newest = running.view;
  }
  return newest;
}

/**
 * The view is acknowledged (V7), has as many backups as the running servers allow, and no member has ended or restarted
 * since.
 */
export function isInSync(situation: Situation): boolean {
  const status = situation.monitor.running?.status();
  if (status?.phase !== 'serving' || !status.acknowledged) return false;
  const { view } = status;
  const running = situation.servers.filter((seat) => seat.running !== undefined).length;
  if (view.backups.length < Math.min(situation.backups, running - 1)) return false;
  return [view.primary, ...view.backups].every((member) => isReady(situation, member));
}

export function inWords(situation: Situation): string {
  const { monitor, servers } = situation;
  const status = monitor.running?.status();
  const roles = servers.map(({ address, running }) => `${address} ${running?.role ?? 'down'}`);
  return [
    viewInWords(newestView(situation), status?.acknowledged ?? false),
    `servers: ${roles.join(', ') || 'none'}`,
    status === undefined ? 'the monitor is down' : `the monitor is ${status.phase}${waitingInWords(status)}`,
  ].join('; ');
}

/**
 * The member holds the data and acts in its role. A server that restarted since is not ready, whatever the monitor
 * believes. A server that this cluster did not start is ignored.
 */
function isReady({ servers }: Situation, member: Address): boolean {
  const seat = servers.find(({ address }) => address === member);
  return seat === undefined || seat.running?.status().ready === true;
}

function viewInWords({ viewnum, primary, backups, syncing }: View, isAcknowledged: boolean): string {
  if (viewnum === 0) return 'nobody knows a view';
  const seats = backups.map((backup) => (syncing.includes(backup) ? `${backup} (syncing)` : backup));
  const acknowledged = isAcknowledged ? 'acknowledged' : 'not acknowledged';
  return `view ${viewnum}, ${acknowledged}: primary ${primary}, backups ${seats.join(', ') || 'none'}`;
}

function waitingInWords({ waiting }: MonitorStatus): string {
  if (waiting.kind === 'nothing') return '';
  return ` and waits for: ${[waiting.kind, ...waiting.servers].join(' ')}`;
}

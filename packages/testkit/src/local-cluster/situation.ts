/** How a local cluster stands: whether everybody who should hold the data does, and the same in words for a person. */
import type { Server } from '@understudy/kvservice';
import type { Address } from '@understudy/rpc';
import { type Monitor, type MonitorStatus, NO_VIEW, type View } from '@understudy/sysmonitor';
import type { Seat } from './seat.ts';

export interface Situation {
  readonly monitor: Seat<Monitor>;
  readonly servers: readonly Seat<Server>[];
  /** Backups that a view should have. */
  readonly backups: number;
}

/** The newest view that anybody running knows; the monitor itself may have been killed, or may not know yet. */
export function newestView({ monitor, servers }: Situation): View {
  let newest = monitor.running?.view ?? NO_VIEW;
  for (const { running } of servers) {
    if (running !== undefined && running.view.viewnum > newest.viewnum) newest = running.view;
  }
  return newest;
}

/** Acknowledged (V7), with as many backups as the running servers allow, and with nobody in it who ended or began anew since. */
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
 * It holds the data, and answers as what it is. One that began anew since is not ready, whatever the monitor believes. A server
 * from elsewhere is no matter of this cluster.
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

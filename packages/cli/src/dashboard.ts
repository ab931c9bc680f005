/** The web page of a long-running process: the options about it, and where it is to be seen. */
import type { PageOptions } from '@understudy/dashboard';
import { parseAddress } from '@understudy/rpc';
import { Option } from 'commander';
import { peerAddress } from './options.ts';

export interface DashboardOptions {
  readonly dashboard: boolean;
  /** Where the control of this process listens: only a parent process says so. */
  readonly control?: string;
}

export function noDashboardOption(): Option {
  return new Option('--no-dashboard', 'serve no web page');
}

/** Set by `understudy up --chaos` for the processes that it starts. */
export function controlOption(): Option {
  return new Option('--control <HOST:PORT>').argParser(peerAddress).hideHelp();
}

/** As monitors and servers take it. */
export function dashboardOf({ dashboard, control }: DashboardOptions): boolean | PageOptions {
  return dashboard && control !== undefined ? { chaos: control } : dashboard;
}

/** One line on stderr: `dashboard http://HOST:PORT/`. */
export function announceDashboard(address: string, { dashboard }: Pick<DashboardOptions, 'dashboard'>): void {
  if (dashboard) process.stderr.write(`${ANNOUNCEMENT}${pageAt(address)}\n`);
}

/** Whether a line on stderr is the above: news to people, and no complaint. */
export function isAnnouncement(line: string): boolean {
  return line.startsWith(ANNOUNCEMENT);
}

const ANNOUNCEMENT = 'dashboard http://';

/** One that listens everywhere is seen here at this machine's own address. */
function pageAt(address: string): string {
  const { port } = parseAddress(address);
  return `${address.replace(/^0\.0\.0\.0:.*$/, `127.0.0.1:${port}`).replace(/^\[::\]:.*$/, `[::1]:${port}`)}/`;
}

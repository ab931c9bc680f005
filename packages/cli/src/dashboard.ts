/** The web page of a long-running process: the options about it, and where it is to be seen. */
import type { PageOptions } from '@understudy/dashboard';
import { Option } from 'commander';
import { UsageError } from './exit.ts';
import type { Log, LogRecord } from './log.ts';
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

/** As monitors and servers take it. Wrong usage where a control is named by anybody but the process that started this one. */
export function dashboardOf({ dashboard, control }: DashboardOptions): boolean | PageOptions {
  if (control !== undefined && !process.connected) {
    throw new UsageError('--control is for processes that `understudy up --chaos` starts');
  }
  return dashboard && control !== undefined ? { chaos: control } : dashboard;
}

/** One record of the log: `dashboard http://HOST:PORT/`. */
export function logDashboard(log: Log, address: string, { dashboard }: DashboardOptions): void {
  if (dashboard) log.tell({ level: 'info', text: `dashboard ${pageAt(address)}` }, { kind: DASHBOARD });
}

/** Whether a record is the above: each process has one, and who started them all tells of one. */
export function isDashboard({ notice }: LogRecord): boolean {
  return notice?.kind === DASHBOARD;
}

/** A node that listens everywhere is seen here at this machine's own address. */
export function pageAt(address: string): string {
  const seen = address.replace(/^0\.0\.0\.0:/, '127.0.0.1:').replace(/^\[::\]:/, '[::1]:');
  return `http://${seen}/`;
}

const DASHBOARD = 'dashboard';

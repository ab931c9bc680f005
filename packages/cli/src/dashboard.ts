/** The web page of a long-running process: its options, and its address. */
import type { PageOptions } from '@understudy/dashboard';
import { Option } from 'commander';
import { UsageError } from './exit.ts';
import type { Log, LogRecord } from './log.ts';
import { peerAddress } from './options.ts';

export interface DashboardOptions {
  readonly dashboard: boolean;
  /** The address of the control of this process. Only a parent process sets it. */
  readonly control?: string;
}

export function noDashboardOption(): Option {
  return new Option('--no-dashboard', 'serve no web page');
}

/** Set by `understudy up --chaos` for the processes that it starts. */
export function controlOption(): Option {
  return new Option('--control <HOST:PORT>').argParser(peerAddress).hideHelp();
}

/**
 * The option as monitors and servers take it. UsageError if --control is given, but no parent process started this one.
 */
export function dashboardOf({ dashboard, control }: DashboardOptions): boolean | PageOptions {
  if (control !== undefined && !process.connected) {
    throw new UsageError('--control is for processes that `understudy up --chaos` starts');
  }
  return dashboard && control !== undefined ? { chaos: control } : dashboard;
}

/** Writes one record to the log: `dashboard http://HOST:PORT/`. */
export function logDashboard(log: Log, address: string, { dashboard }: DashboardOptions): void {
  if (dashboard) log.tell({ level: 'info', text: `dashboard ${pageAt(address)}` }, { kind: DASHBOARD });
}

/** Whether a record is that one. Every process writes one, and the process that started them all prints only one. */
export function isDashboard({ notice }: LogRecord): boolean {
  return notice?.kind === DASHBOARD;
}

/** A node that listens everywhere is reached from this machine at the loopback address. */
export function pageAt(address: string): string {
  const seen = address.replace(/^0\.0\.0\.0:/, '127.0.0.1:').replace(/^\[::\]:/, '[::1]:');
  return `http://${seen}/`;
}

const DASHBOARD = 'dashboard';

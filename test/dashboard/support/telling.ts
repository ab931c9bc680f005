/** Samples and notices as monitors and servers tell them, for a cluster that is played. */
import type { Level, Notice, Sample } from '@understudy/dashboard';
import type { ServerNotice, ServerStatus } from '@understudy/kvservice';
import {
  type Cause,
  causeInWords,
  type MonitorNotice,
  type MonitorStatus,
  type ServerSighting,
  type View,
} from '@understudy/sysmonitor';
import type { Cast } from './situations.ts';

export function notice(
  seq: number,
  at: number,
  level: Level,
  said: MonitorNotice | ServerNotice,
  text: string,
): Notice {
  return { seq, at, level, text, notice: said };
}

export function viewNotice(seq: number, at: number, view: View, causes: readonly Cause[]): Notice {
  const text = `view ${view.viewnum}: primary ${view.primary}, backup ${view.backups.join(', ')} - ${causes.map(causeInWords).join('; ')}`;
  return notice(seq, at, 'info', { kind: 'view', view, causes }, text);
}

export interface MonitorTelling {
  readonly view: View;
  readonly acknowledged?: boolean;
  readonly wanted?: number;
  readonly waiting?: 'nothing' | 'first-server' | 'backup';
  /** For how many milliseconds each of these was not heard. */
  readonly silent?: Readonly<Record<string, number>>;
  readonly dead?: readonly string[];
}

export function monitorSample({ servers }: Cast, at: number, telling: MonitorTelling): Sample {
  const { view, acknowledged = true, wanted = 1, waiting = 'nothing', silent = {}, dead = [] } = telling;
  const sightings: ServerSighting[] = servers.map((server, number) => ({
    server,
    role: view.primary === server ? 'primary' : view.backups.includes(server) ? 'backup' : 'idle',
    syncing: view.syncing.includes(server),
    condition: dead.includes(server) ? 'silent' : 'alive',
    lastPingMs: silent[server] ?? (at + 31 * number) % 100,
    incarnation: `run-of-${server}`,
    confirmed: true,
    viewnum: view.viewnum,
    priority: 0,
  }));
  const status: MonitorStatus = {
    phase: 'serving',
    view,
    acknowledged,
    safe: [view.primary],
    waiting: { kind: waiting, servers: [] },
    backupsWanted: wanted,
    servers: sightings,
    history: [],
  };
  return { at, kind: 'monitor', status, calls: { byMethod: {}, failures: {} } };
}

export interface ServerTelling {
  readonly view: View;
  readonly keys: number;
  /** Operations since the beginning. */
  readonly done: number;
  readonly index: number;
  readonly lag?: number;
  readonly sessions?: number;
  readonly p50?: number;
  readonly p99?: number;
  readonly duplicates?: number;
  readonly refused?: number;
  readonly transfer?: { readonly sent: number; readonly total: number };
  /** Bytes that it holds; above 90 % of a GiB it is full. */
  readonly held?: number;
  /** Backups that have said that they are full. */
  readonly fullBackups?: readonly string[];
}

const MAX_BYTES = 2 ** 30;

export function serverSample({ servers }: Cast, number: number, at: number, telling: ServerTelling): Sample {
  const server = servers[number] ?? '';
  const {
    view,
    keys,
    done,
    index,
    lag = 0,
    sessions = 3,
    p50 = 0.4,
    p99 = 1.1,
    duplicates = 0,
    refused = 0,
    transfer,
    held = 2_000_000,
    fullBackups = [],
  } = telling;
  const role = view.primary === server ? 'primary' : view.backups.includes(server) ? 'backup' : 'idle';
  const backups = view.backups.map((backup) => {
    const syncing = view.syncing.includes(backup);
    return {
      server: backup,
      syncing,
      verified: index - lag,
      lag,
      full: fullBackups.includes(backup),
      ...(syncing && transfer !== undefined && { transfer }),
    };
  });
  const status: ServerStatus = {
    server,
    role,
    incarnation: `run-of-${server}`,
    view,
    ready: role === 'primary',
    position: { viewnum: view.viewnum, index },
    commitIndex: index,
    keys: role === 'idle' ? 0 : keys,
    sessions: role === 'idle' ? 0 : sessions,
    rememberedResults: sessions,
    memory: { heldBytes: held, maxBytes: MAX_BYTES, full: held > 0.9 * MAX_BYTES },
    backups: role === 'primary' ? backups : [],
    counters: { duplicatesAnswered: duplicates },
  };
  const lately =
    role === 'primary' ? { perSecond: 0, p50Ms: p50, p99Ms: p99 } : { perSecond: 0, p50Ms: null, p99Ms: null };
  return {
    at,
    kind: 'server',
    status,
    calls: { byMethod: { put: done }, failures: { NOT_PRIMARY: refused }, lately },
    queues: { writes: 0, reads: 0, localReads: 0, http: 0 },
    leaseRemainingMs: null,
  };
}

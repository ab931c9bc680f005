/** Situations in which the page is looked at: what each node of a small cluster would tell in them. The last minute has happened already. */
import type { Notice, Sample } from '@understudy/dashboard';
import type { Cause, View } from '@understudy/sysmonitor';
import { monitorSample, notice, serverSample, viewNotice } from './telling.ts';

/** Who is there: the monitor, and four servers. */
export interface Cast {
  readonly monitor: string;
  readonly servers: readonly string[];
}

export interface Situation {
  readonly words: string;
  /** How many servers the page can know. */
  readonly servers: number;
  /** Those that are not there: 'monitor', or the number of a server. */
  readonly dead?: readonly ('monitor' | number)[];
  /** The page comes from that one: the monitor unless said otherwise. */
  readonly from?: number;
  readonly chaos?: boolean;
  readonly keys?: number;
  readonly monitorNotices: (cast: Cast, now: number) => readonly Notice[];
  readonly serverNotices?: (cast: Cast, number: number, now: number) => readonly Notice[];
  readonly monitorAt: (cast: Cast, at: number, now: number) => Sample;
  readonly serverAt: (cast: Cast, number: number, at: number, now: number) => Sample;
}

const MINUTE = 60_000;
const DAY_MS = 86_400_000;

/** Two servers hold the data, a third is spare. */
function steady(viewnum: number, { servers: [one = '', two = ''] }: Cast, syncing: readonly string[] = []): View {
  return { viewnum, primary: one, backups: [two], syncing, cluster: 'c0ffee12-5f2a-4a11-9d55-7c7a5a4ab001' };
}

function begun(cast: Cast, now: number): Notice[] {
  const [one = '', two = ''] = cast.servers;
  const first: Cause = { kind: 'first-server', server: one };
  const alone: View = { ...steady(1, cast), backups: [] };
  return [
    viewNotice(1, now - 9 * MINUTE, alone, [first]),
    notice(2, now - 9 * MINUTE + 6, 'debug', { kind: 'acknowledged', view: alone }, 'view 1 acknowledged'),
    viewNotice(3, now - 8.9 * MINUTE, steady(2, cast, [two]), [{ kind: 'backup-joined', server: two }]),
    notice(
      4,
      now - 8.9 * MINUTE + 31,
      'info',
      { kind: 'acknowledged', view: steady(2, cast) },
      `view 2 acknowledged: ${two} holds all the data`,
    ),
  ];
}

const wave = (at: number, period: number) => Math.sin((at / period) * 2 * Math.PI);

function idleServer(cast: Cast, number: number, at: number): Sample {
  const view = steady(2, cast);
  return serverSample(cast, number, at, { view, keys: 1_204, done: 8_000 + Math.floor(at / 4_000), index: 8_412 });
}

const idle: Situation = {
  words: 'idle',
  servers: 3,
  keys: 18,
  monitorNotices: begun,
  monitorAt: (cast, at) => monitorSample(cast, at, { view: steady(2, cast) }),
  serverAt: idleServer,
};

/** Operations done until then, at about 20,000 a second. */
function busyCount(at: number): number {
  const sinceMs = at - Math.floor(at / DAY_MS) * DAY_MS + DAY_MS;
  return Math.round(20 * sinceMs + 26_000 * wave(at, 47_000) + 4_000 * wave(at, 6_100) + 700 * wave(at, 1_700));
}

const load: Situation = {
  ...idle,
  words: 'under load',
  keys: 60,
  chaos: true,
  serverAt: (cast, number, at) => {
    const done = number === 0 ? busyCount(at) : 0;
    const p50 = 0.62 + 0.08 * wave(at, 9_000) + 0.03 * wave(at, 1_300);
    return serverSample(cast, number, at, {
      view: steady(2, cast),
      keys: 48_211,
      done,
      index: Math.round(busyCount(at) / 200),
      lag: 12 + Math.round(8 * wave(at, 900)),
      p50,
      p99: 2.4 + 0.7 * wave(at, 5_300) + 0.5 * wave(at, 700),
      sessions: 64,
      duplicates: Math.floor(at / 9_000),
    });
  },
};

/** The primary died four seconds ago; its successor has taken over, and a spare has just joined. */
const DIED_MS = 12_000;
const TOOK_MS = 512;

const failover: Situation = {
  ...load,
  words: 'a failover',
  dead: [0],
  monitorNotices: (cast, now) => {
    const [one = '', two = '', three = ''] = cast.servers;
    const at = now - DIED_MS + TOOK_MS;
    const next: View = { ...steady(3, cast, [three]), primary: two, backups: [three] };
    return [
      ...begun(cast, now),
      notice(
        5,
        at - 1,
        'warn',
        { kind: 'server', server: one, role: 'primary', condition: 'silent' },
        `${one} is silent (primary)`,
      ),
      viewNotice(6, at, next, [
        { kind: 'primary-silent', server: one, forMs: 506 },
        { kind: 'backup-joined', server: three },
      ]),
    ];
  },
  serverNotices: ({ servers: [, two = '', three = ''] }, number, now) => {
    const at = now - DIED_MS + TOOK_MS;
    if (number !== 1) return [];
    return [
      notice(1, at + 4, 'info', { kind: 'serving', viewnum: 3 }, 'serves as primary of view 3'),
      notice(
        2,
        at + 9,
        'info',
        { kind: 'sync-started', backup: three, by: 'snapshot', records: 48_275 },
        `brings ${three} up to date: a snapshot of 48275 records`,
      ),
      notice(
        3,
        at + 30,
        'debug',
        { kind: 'sync-progress', backup: three, sent: 200, total: 48_275 },
        `brings ${three} up to date: 200 of 48275 records, 0 %`,
      ),
      notice(
        4,
        at + 5_000,
        'info',
        { kind: 'sync-progress', backup: three, sent: 19_900, total: 48_275 },
        `brings ${three} up to date: 19900 of 48275 records, 40 %`,
      ),
      notice(
        5,
        at + 5_800,
        'error',
        { kind: 'refused-seat', reason: 'x' },
        `takes no part: ${two} is asked for by another process that lives, as far as the monitor knows`,
      ),
    ];
  },
  monitorAt: (cast, at, now) => {
    const [one = '', two = '', three = ''] = cast.servers;
    const diedAt = now - DIED_MS;
    if (at < diedAt + TOOK_MS)
      return monitorSample(cast, at, { view: steady(2, cast), silent: at > diedAt ? { [one]: at - diedAt } : {} });
    const view: View = { ...steady(3, cast, [three]), primary: two, backups: [three] };
    return monitorSample(cast, at, { view, acknowledged: false, silent: { [one]: at - diedAt }, dead: [one] });
  },
  serverAt: (cast, number, at, now) => {
    const [, two = '', three = ''] = cast.servers;
    const diedAt = now - DIED_MS;
    const hasTaken = at > diedAt + TOOK_MS;
    const view: View = hasTaken ? { ...steady(3, cast, [three]), primary: two, backups: [three] } : steady(2, cast);
    const counted = at > diedAt && !hasTaken ? diedAt : at;
    const sent = Math.min(48_000, Math.round(Math.max(0, at - diedAt - TOOK_MS) * 2.2));
    return serverSample(cast, number, at, {
      view,
      keys: number === 2 ? sent : 48_211,
      done:
        number === 0 ? busyCount(counted) : number === 1 && hasTaken ? busyCount(at) - busyCount(diedAt + TOOK_MS) : 0,
      index: Math.round(busyCount(counted) / 200),
      lag: 40,
      p50: 0.7 + 0.1 * wave(at, 3_000),
      p99: at > diedAt && at < diedAt + 2_000 ? 520 : 2.6 + wave(at, 4_000),
      sessions: 64,
      duplicates: at > diedAt + TOOK_MS ? 62 : 0,
      refused: at > diedAt + TOOK_MS ? 310 : 0,
      ...(hasTaken && { transfer: { sent, total: 48_275 } }),
    });
  },
};

const monitorDead: Situation = {
  ...idle,
  words: 'the monitor is dead, the page comes from a server',
  dead: ['monitor'],
  from: 1,
};

const twoBackups: Situation = {
  ...idle,
  words: 'two backups',
  servers: 4,
  monitorAt: (cast, at) => monitorSample(cast, at, { view: withTwo(cast), wanted: 2 }),
  serverAt: (cast, number, at) =>
    serverSample(cast, number, at, {
      view: withTwo(cast),
      keys: 1_204,
      done: 9_000 + Math.floor(at / 700),
      index: 9_412,
    }),
  monitorNotices: (cast, now) => [
    ...begun(cast, now),
    viewNotice(5, now - MINUTE, withTwo(cast), [{ kind: 'backup-joined', server: cast.servers[2] ?? '' }]),
  ],
};

function withTwo(cast: Cast): View {
  return { ...steady(3, cast), backups: [cast.servers[1] ?? '', cast.servers[2] ?? ''] };
}

const transfer: Situation = {
  ...idle,
  words: 'a state transfer to the only backup',
  servers: 2,
  monitorNotices: (cast, now) => begun(cast, now).slice(0, 3),
  monitorAt: (cast, at) =>
    monitorSample(cast, at, { view: steady(2, cast, [cast.servers[1] ?? '']), acknowledged: false }),
  serverAt: (cast, number, at, now) =>
    serverSample(cast, number, at, {
      view: steady(2, cast, [cast.servers[1] ?? '']),
      keys: number === 0 ? 1_000_000 : Math.round((at - now) * 9 + 400_000),
      done: 9_000 + Math.floor(at / 90),
      index: 1_200_300,
      lag: 600_000,
      transfer: { sent: Math.min(1_000_000, Math.max(0, Math.round((at - now) * 9 + 400_000))), total: 1_000_214 },
    }),
};

const empty: Situation = {
  ...idle,
  words: 'an empty cluster',
  servers: 0,
  keys: 0,
  monitorNotices: (_cast, now) => [
    notice(
      1,
      now - MINUTE,
      'info',
      { kind: 'waiting', waiting: { kind: 'first-server', servers: [] } },
      'waits for the first server',
    ),
  ],
  monitorAt: (cast, at) =>
    monitorSample(cast, at, { view: { viewnum: 0, primary: '', backups: [], syncing: [] }, waiting: 'first-server' }),
};

/** The backup has little memory, and the primary has more. */
const full: Situation = {
  ...idle,
  words: 'a backup whose memory is full',
  serverAt: (cast, number, at) =>
    serverSample(cast, number, at, {
      view: steady(2, cast),
      keys: 48_211,
      done: 8_000 + Math.floor(at / 4_000),
      index: 8_412,
      held: (number === 1 ? 0.93 : number === 0 ? 0.62 : 0.001) * 2 ** 30,
      fullBackups: cast.servers.slice(1, 2),
    }),
};

const alone: Situation = {
  ...idle,
  words: 'one server, no keys',
  servers: 1,
  keys: 0,
  monitorNotices: (cast, now) => begun(cast, now).slice(0, 2),
  monitorAt: (cast, at) => monitorSample(cast, at, { view: { ...steady(1, cast), backups: [] }, waiting: 'backup' }),
  serverAt: (cast, number, at) =>
    serverSample(cast, number, at, { view: { ...steady(1, cast), backups: [] }, keys: 0, done: 0, index: 0 }),
};

export const SITUATIONS = { idle, load, failover, monitorDead, twoBackups, transfer, empty, full, alone } as const;
export type SituationName = keyof typeof SITUATIONS;

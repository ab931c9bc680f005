/** The monitor's metrics, and an event on a Node diagnostics channel for each new view. */
import { channel } from 'node:diagnostics_channel';
import {
  CallMeter,
  type CallObserver,
  DROPPED_LOG_RECORDS,
  type FailureName,
  type Metric,
  type PageAnswer,
  type Params,
  type RefusalKind,
  showMetrics,
} from '@understudy/rpc';
import type { Cause } from './cause.ts';
import type { View } from './contract.ts';
import type { MonitorNotice } from './notice.ts';
import type { Condition, MonitorStatus, ServerRole, Waiting } from './status.ts';

/** Published on `understudy:monitor-view` when the monitor begins a view. */
export interface MonitorViewEvent {
  /** The monitor's address. */
  readonly monitor: string;
  readonly view: View;
  readonly causes: readonly Cause[];
}

interface Facts {
  readonly status: MonitorStatus;
  readonly viewChanges: ReadonlyMap<string, number>;
  readonly droppedLogRecords: number;
  readonly refusals: Readonly<Record<RefusalKind, number>>;
}

/** All kinds, so that each counter is exported from the start: a rate needs an initial zero. */
const CAUSES = Object.keys({
  'first-server': true,
  'primary-silent': true,
  'primary-lost-data': true,
  'primary-behind': true,
  'primary-leaving': true,
  'backup-silent': true,
  'backup-lost-data': true,
  'backup-leaving': true,
  'backup-unreachable': true,
  'backup-joined': true,
  'member-restarted': true,
  rebuilt: true,
} satisfies Record<Cause['kind'], true>);
const PHASES: readonly MonitorStatus['phase'][] = ['listening', 'recovering', 'serving'];
const ROLES: readonly ServerRole[] = ['primary', 'backup', 'idle'];
const CONDITIONS: readonly Condition[] = ['alive', 'silent', 'lost-data', 'leaving'];
const WAITS = Object.keys({
  nothing: true,
  survivors: true,
  'first-server': true,
  reports: true,
  acknowledgement: true,
  successor: true,
  data: true,
  backup: true,
} satisfies Record<Waiting['kind'], true>);

export class Telemetry implements CallObserver {
  readonly #monitor: () => string;
  readonly #droppedLogRecords: () => number;
  readonly meter = new CallMeter();
  readonly #views = channel('understudy:monitor-view');
  readonly #viewChanges = new Map(CAUSES.map((cause) => [cause, 0]));

  /**
   * `monitor` returns the monitor's address once it is known. `droppedLogRecords` returns how many records the log of
   * this process had to drop so far.
   */
  constructor(monitor: () => string, droppedLogRecords: () => number) {
    this.#monitor = monitor;
    this.#droppedLogRecords = droppedLogRecords;
  }

  answered(method: string, params: Params, tookMs: number, failure: FailureName | undefined): void {
    this.meter.answered(method, params, tookMs, failure);
  }

  /** Call this only with notices whose state is on disk (V9). */
  notice(notice: MonitorNotice): void {
    if (notice.kind !== 'view') return;
    const { view, causes } = notice;
    for (const { kind } of causes) this.#viewChanges.set(kind, (this.#viewChanges.get(kind) ?? 0) + 1);
    if (!this.#views.hasSubscribers) return;
    this.#views.publish({ monitor: this.#monitor(), view, causes } satisfies MonitorViewEvent);
  }

  /** The page `/metrics`, for a status that is on disk. */
  metrics(status: MonitorStatus, refusals: Facts['refusals']): Promise<PageAnswer> {
    const facts = () => ({
      status,
      viewChanges: this.#viewChanges,
      refusals,
      droppedLogRecords: this.#droppedLogRecords(),
    });
    return showMetrics([...METRICS, ...this.meter.metrics], facts);
  }
}

const METRICS: readonly Metric<Facts>[] = [
  choice(
    'phase',
    'Whether the monitor decides about views: 1 for the phase that it is in.',
    PHASES,
    ({ phase }) => phase,
  ),
  gauge('viewnum', 'The current view; 0 while there is none.', ({ view }) => view.viewnum),
  gauge('acknowledged', 'Whether the primary has said that it and every backup hold the data.', ({ acknowledged }) =>
    Number(acknowledged),
  ),
  gauge('backups_wanted', 'Backups that a view should have.', ({ backupsWanted }) => backupsWanted),
  gauge('backups', 'Backups of the current view.', ({ view }) => view.backups.length),
  gauge('backups_syncing', 'Backups that do not hold all the data yet.', ({ view }) => view.syncing.length),
  gauge(
    'safe_servers',
    'Servers that hold everything committed, and so may become primary.',
    ({ safe }) => safe.length,
  ),
  choice(
    'waiting',
    'What has to happen next: 1 for what the monitor waits for.',
    WAITS,
    ({ waiting }) => waiting.kind,
    'for',
  ),
  {
    kind: 'gauge',
    name: 'understudy_monitor_servers',
    help: 'Known servers, by role in the view and by condition.',
    labels: ['role', 'condition'],
    read: ({ status }) =>
      ROLES.flatMap((role) =>
        CONDITIONS.map((condition) => {
          const servers = status.servers.filter((server) => server.role === role && server.condition === condition);
          return { labels: { role, condition }, value: servers.length };
        }),
      ),
  },
  {
    kind: 'gauge',
    name: 'understudy_monitor_last_ping_seconds',
    help: 'How long ago each server was heard.',
    labels: ['server'],
    read: ({ status }) =>
      status.servers.flatMap(({ server, lastPingMs }) =>
        lastPingMs === null ? [] : [{ labels: { server }, value: lastPingMs / 1_000 }],
      ),
  },
  {
    kind: 'counter',
    name: 'understudy_monitor_pings_refused_total',
    help: 'Pings that changed nothing: a field was wrong, or the server in whose name they came does not confirm what they claim.',
    labels: ['why'],
    read: ({ refusals }) => Object.entries(refusals).map(([why, value]) => ({ labels: { why }, value })),
  },
  {
    kind: 'counter',
    name: 'understudy_monitor_view_changes_total',
    help: 'View changes by cause; one that has two causes counts for both.',
    labels: ['cause'],
    read: ({ viewChanges }) => [...viewChanges].map(([cause, value]) => ({ labels: { cause }, value })),
  },
  DROPPED_LOG_RECORDS,
];

function gauge(name: string, help: string, read: (status: MonitorStatus) => number): Metric<Facts> {
  return { kind: 'gauge', name: `understudy_monitor_${name}`, help, read: ({ status }) => read(status) };
}

/** One metric per choice: 1 for the current one, 0 for the others. */
function choice(
  name: string,
  help: string,
  choices: readonly string[],
  read: (status: MonitorStatus) => string,
  label = name,
): Metric<Facts> {
  return {
    kind: 'gauge',
    name: `understudy_monitor_${name}`,
    help,
    labels: [label],
    read: ({ status }) => choices.map((each) => ({ labels: { [label]: each }, value: Number(each === read(status)) })),
  };
}

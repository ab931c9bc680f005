/**
 * The metrics of a server, except those of its calls. They are read from its status, counters and queues at each
 * scrape.
 */
import { DROPPED_LOG_RECORDS, type Metric, type RefusalKind, type Sample } from '@understudy/rpc';
import type { BackupStatus, ServerStatus } from './contract.ts';
import type { ReplicaInspection } from './core/inspection.ts';

export interface ServerFacts {
  readonly status: ServerStatus;
  readonly replica: ReplicaInspection;
  /** The time in milliseconds, on the clock of the replica. */
  readonly now: number;
  readonly passedOn: number;
  readonly refusals: Readonly<Record<RefusalKind, number>>;
  readonly viewChanges: Readonly<ViewChanges>;
  readonly droppedLogRecords: number;
  readonly monitorsDisagree: boolean;
}

/** The number of views that this server has learned, by what changed in them. */
export interface ViewChanges {
  primary: number;
  backups: number;
  runs: number;
}

type ServerMetric = Metric<ServerFacts>;

const ROLES = ['idle', 'primary', 'backup'] as const;

export const SERVER_METRICS: readonly ServerMetric[] = [
  {
    kind: 'gauge',
    name: 'understudy_role',
    help: 'The role of this server: 1 for the one that it has.',
    labels: ['role'],
    read: ({ status }) => ROLES.map((role) => sample({ role }, role === status.role)),
  },
  gauge('ready', 'Whether this server may answer clients from its own data now.', ({ status }) => Number(status.ready)),
  gauge('viewnum', 'The newest view that this server knows.', ({ status }) => status.view.viewnum),
  {
    kind: 'counter',
    name: 'understudy_view_changes_total',
    help: 'Views that this server has learned of, by what was new: another primary, other backups, or another run of a server. The monitor knows why.',
    labels: ['change'],
    read: ({ viewChanges }) => Object.entries(viewChanges).map(([change, value]) => ({ labels: { change }, value })),
  },
  gauge('log_index', 'Index of the last entry in the log.', ({ status }) => status.position.index),
  gauge(
    'commit_index',
    'Index of the last entry that is committed and applied here.',
    ({ status }) => status.commitIndex,
  ),
  gauge('log_entries', 'Entries that the log keeps.', ({ replica }) => replica.lastIndex - replica.base.index),
  gauge('log_bytes', 'About how much memory the log takes.', ({ replica }) => replica.logWeight),
  gauge('keys', 'Keys that are present.', ({ status }) => status.keys),
  gauge('sessions', 'Sessions of clients.', ({ status }) => status.sessions),
  gauge(
    'remembered_results',
    'Results that are kept for clients that may ask again.',
    ({ status }) => status.rememberedResults,
  ),
  gauge(
    'memory_held_bytes',
    'About how much this server holds, with what a second copy of its data would take.',
    ({ status }) => status.memory.heldBytes,
  ),
  gauge('memory_max_bytes', 'How much this server may hold.', ({ status }) => status.memory.maxBytes),
  gauge('memory_full', 'Whether this server refuses more data.', ({ status }) => Number(status.memory.full)),
  ofBackups('backup_full', 'At the primary: whether the backup takes no more data.', ({ full }) => Number(full)),
  ofBackups('backup_lag_entries', 'At the primary: entries that the backup does not hold yet.', ({ lag }) => lag),
  ofBackups('backup_syncing', 'At the primary: whether the backup is still being brought up to date.', ({ syncing }) =>
    Number(syncing),
  ),
  ofBackups(
    'transfer_sent_records',
    'Of a running state transfer: records that have arrived.',
    ({ transfer }) => transfer?.sent,
  ),
  ofBackups('transfer_records', 'Of a running state transfer: records in all.', ({ transfer }) => transfer?.total),
  {
    kind: 'gauge',
    name: 'understudy_queue_length',
    help: 'What waits here: writes to be committed, reads at the primary, reads at a backup, and requests over plain HTTP that were passed on.',
    labels: ['queue'],
    read: ({ replica, passedOn }) => [
      { labels: { queue: 'writes' }, value: replica.queues.writes },
      { labels: { queue: 'reads' }, value: replica.queues.reads },
      { labels: { queue: 'local_reads' }, value: replica.queues.localReads },
      { labels: { queue: 'http' }, value: passedOn },
    ],
  },
  gauge(
    'waiting_writes_bytes',
    'About how much memory the writes take that wait to be committed.',
    ({ replica }) => replica.waitingWeight,
  ),
  {
    kind: 'gauge',
    name: 'understudy_lease_remaining_seconds',
    help: 'At a primary with backups: how long it may answer reads without asking them.',
    read: ({ replica, now }) => seconds(replica.leaseUntil, now),
  },
  {
    kind: 'gauge',
    name: 'understudy_promise_remaining_seconds',
    help: 'How long this server has promised to others that it will not act as primary.',
    read: ({ replica, now }) => seconds(replica.promisedUntil, now),
  },
  {
    kind: 'counter',
    name: 'understudy_reads_total',
    help: 'Linearizable reads of the primary: under its lease, or after a confirmation by every backup.',
    labels: ['by'],
    read: ({ status: { counters } }) => [
      { labels: { by: 'lease' }, value: counters.readsUnderLease ?? 0 },
      { labels: { by: 'confirmation' }, value: counters.readsConfirmed ?? 0 },
    ],
  },
  counter(
    'duplicatesAnswered',
    'duplicates_answered',
    'Writes that came again and were answered with the remembered result.',
  ),
  counter('prepares', 'prepares', 'Messages with entries, or signs of life, to backups.'),
  counter('suffixesCut', 'suffixes_cut', 'Times that uncommitted entries of an older view were cut off the log.'),
  counter('transfersStarted', 'transfers_started', 'State transfers to backups that were begun.'),
  counter('transfersRestarted', 'transfers_restarted', 'State transfers that were begun again.'),
  counter(
    'catchUpsByEntries',
    'catch_ups_by_entries',
    'Backups that were brought up to date by the missing entries alone.',
  ),
  counter(
    'leasesDropped',
    'leases_dropped',
    'Times that the primary trusted no lease any more, after a silence of its own.',
  ),
  counter('staleViewsRefused', 'stale_views_refused', 'Messages of an older view that were refused.'),
  {
    kind: 'counter',
    name: 'understudy_messages_refused_total',
    help: 'Messages of other servers, and answers to own ones, that changed nothing: a field was wrong, they were of another cluster or run, or nothing confirmed what they claim.',
    labels: ['why'],
    read: ({ refusals }) => Object.entries(refusals).map(([why, value]) => ({ labels: { why }, value })),
  },
  gauge('monitors_disagree', 'Whether several monitors were found that tell different things.', (facts) =>
    Number(facts.monitorsDisagree),
  ),
  counter('backupsLost', 'backups_lost', 'Backups that did not answer for too long.'),
  counter('writesWithoutRoom', 'writes_without_room', 'Writes that were refused because a server has no memory left.'),
  counter('sessionsExpired', 'sessions_expired', 'Sessions that ended because nobody used them.'),
  DROPPED_LOG_RECORDS,
];

function gauge(name: string, help: string, read: (facts: ServerFacts) => number): ServerMetric {
  return { kind: 'gauge', name: `understudy_${name}`, help, read };
}

function counter(key: string, name: string, help: string): ServerMetric {
  return { kind: 'counter', name: `understudy_${name}_total`, help, read: ({ status }) => status.counters[key] ?? 0 };
}

function ofBackups(name: string, help: string, read: (backup: BackupStatus) => number | undefined): ServerMetric {
  const samples = ({ status }: ServerFacts): Sample[] =>
    status.backups.flatMap((backup) => {
      const value = read(backup);
      return value === undefined ? [] : [{ labels: { backup: backup.server }, value }];
    });
  return { kind: 'gauge', name: `understudy_${name}`, help, labels: ['backup'], read: samples };
}

function sample(labels: Sample['labels'], holds: boolean): Sample {
  return { labels, value: Number(holds) };
}

/** The remaining seconds; no sample if there is no limit. */
function seconds(untilMs: number | undefined, nowMs: number): readonly Sample[] {
  if (untilMs === undefined) return [];
  return [{ labels: {}, value: Math.max(0, untilMs - nowMs) / 1_000 }];
}

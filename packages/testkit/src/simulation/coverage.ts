/** The situations that a batch of seeds must reach. A batch that does not reach them proves little. */
import type { Effect, ReplicaInspection, ReplicaStep, ServerNotice } from '@understudy/kvservice';
import type { MonitorNotice } from '@understudy/sysmonitor';

/** Every batch of seeds with all faults must reach each of these at least once. */
export const SITUATIONS = [
  'failover with operations in flight',
  'repeated operation answered from memory after a failover',
  'conflicting suffix cut',
  'transfer interrupted and resumed',
  'lease refused',
  'stale view refused',
  'catch-up by log',
  'catch-up by snapshot',
  'session expired',
  'monitor restarted',
  'lost backup reported',
  'graceful leave',
  'restart from disk as primary',
  'restart from disk as backup',
  'total crash and recovery',
  'damaged data set aside',
  'writes refused for room',
  'monitor stopped by its disk',
  "monitor's damaged data set aside",
  'three backups in sync',
  'entry sent in pieces',
  'page ended early by long values',
  'operations left out of an answer',
  'value refused as too large',
  'session made room for another',
  'refused by an overloaded server',
  'refused by an overloaded client',
] as const;

export type Situation = (typeof SITUATIONS)[number];

/** Which server counter stands for which situation. */
const COUNTERS: Readonly<Record<string, Situation>> = {
  suffixesCut: 'conflicting suffix cut',
  leasesDropped: 'lease refused',
  readsConfirmed: 'lease refused',
  staleViewsRefused: 'stale view refused',
  catchUpsByEntries: 'catch-up by log',
  sessionsExpired: 'session expired',
  backupsLost: 'lost backup reported',
  writesWithoutRoom: 'writes refused for room',
};

type Chunk = Extract<Extract<Effect, { kind: 'send' }>['message'], { kind: 'chunk' }>;

/** A transfer, as its primary sees it. */
interface Transfer {
  /** The numbers of chunks without an answer. */
  readonly open: Set<number>;
  interrupted: boolean;
}

export class Coverage {
  readonly #seen = new Map<Situation, number>();
  readonly #underWay: () => number;
  readonly #transfers = new WeakMap<ReplicaInspection, Map<number, Transfer>>();

  /** @param underWay Returns the number of operations that clients wait for. */
  constructor(underWay: () => number) {
    this.#underWay = underWay;
  }

  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(SITUATIONS.map((situation) => [situation, this.#seen.get(situation) ?? 0]));
  }

  saw(situation: Situation, times = 1): void {
    if (times > 0) this.#seen.set(situation, (this.#seen.get(situation) ?? 0) + times);
  }

  monitor(notice: MonitorNotice): void {
    if (notice.kind === 'data-damaged') this.saw("monitor's damaged data set aside");
    if (notice.kind === 'acknowledged' && notice.view.backups.length >= 3) this.saw('three backups in sync');
    if (notice.kind !== 'view') return;
    const isFailover = notice.causes.some(({ kind }) =>
      ['primary-silent', 'primary-lost-data', 'primary-behind'].includes(kind),
    );
    if (isFailover && this.#underWay() > 0) this.saw('failover with operations in flight');
    if (notice.causes.some(({ kind }) => kind === 'rebuilt')) this.saw('monitor restarted');
  }

  server(notice: ServerNotice): void {
    if (notice.kind === 'data-damaged') this.saw('damaged data set aside');
    if (notice.kind === 'sync-started' && notice.by === 'snapshot') this.saw('catch-up by snapshot');
  }

  /** Adds the counters of a server's run, at its end. */
  count({ counters }: ReplicaInspection): void {
    for (const [counter, situation] of Object.entries(COUNTERS)) this.saw(situation, counters[counter] ?? 0);
  }

  /** Notes a chunk that got no answer, and whether the same transfer continues afterwards. */
  step({ event, effects, replica }: ReplicaStep): void {
    if (event.kind === 'unanswered') {
      const transfers = this.#transfers.get(replica)?.values() ?? [];
      for (const transfer of transfers) if (transfer.open.delete(event.number)) transfer.interrupted = true;
    }
    for (const effect of effects) {
      if (effect.kind === 'failure' && effect.failure.name === 'OVERLOADED')
        this.saw('refused by an overloaded server');
      if (effect.kind === 'send' && effect.message.kind === 'piece') this.saw('entry sent in pieces');
      if (effect.kind !== 'send' || effect.message.kind !== 'chunk') continue;
      this.#chunk(replica, effect.message);
    }
  }

  #chunk(
    replica: ReplicaInspection,
    { transfer: id, number, order }: Pick<Chunk, 'transfer' | 'number' | 'order'>,
  ): void {
    let transfers = this.#transfers.get(replica);
    if (transfers === undefined) {
      transfers = new Map();
      this.#transfers.set(replica, transfers);
    }
    const transfer = transfers.get(id) ?? { open: new Set<number>(), interrupted: false };
    transfers.set(id, transfer);
    transfer.open.add(number);
    if (!transfer.interrupted || order === 0) return;
    transfer.interrupted = false;
    this.saw('transfer interrupted and resumed');
  }
}

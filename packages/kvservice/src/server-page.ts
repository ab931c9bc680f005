/**
 * The web page of a server and its event feed: notices in words, and periodic samples of its status with the calls of
 * its clients.
 */
import { CallWindow, NodePage, type Reading, type ServerSample } from '@understudy/dashboard';
import { type Address, type CallMeter, UnderstudyError } from '@understudy/rpc';
import type { ServerStatus } from './contract.ts';
import type { ReplicaInspection } from './core/inspection.ts';
import { KnownNodes } from './known-nodes.ts';
import type { ServerNotice } from './notice.ts';
import type { ServerSettings } from './options.ts';
import { ServerNarrator } from './server-narrator.ts';
import { operationOf } from './telemetry.ts';

export interface ServerPageParts {
  readonly settings: ServerSettings;
  readonly own: () => Address;
  /** The servers that the monitor knows. */
  readonly servers: () => Promise<readonly Address[]>;
  readonly meter: CallMeter;
  /** Throws NOT_READY before the server has started; so does `inspection`. */
  readonly status: () => ServerStatus;
  readonly inspection: () => ReplicaInspection;
  /** The number of unanswered requests for keys over plain HTTP. */
  readonly passedOn: () => number;
}

export class ServerPage {
  readonly node: NodePage;
  readonly #parts: ServerPageParts;
  readonly #narrator = new ServerNarrator();
  readonly #known: KnownNodes;
  readonly #calls: CallWindow;
  #cluster: string | undefined;

  constructor(parts: ServerPageParts) {
    const { settings, own, servers, meter } = parts;
    const { clock } = settings.world;
    const { monitors, pingIntervalMs, deadPings, dashboard } = settings;
    this.#parts = parts;
    this.#known = new KnownNodes({ clock, monitors, ask: servers });
    this.#calls = new CallWindow({ meter, clock, nameOf: operationOf });
    this.node = new NodePage({
      clock,
      kind: 'server',
      own,
      others: () => this.#known.all,
      refresh: () => this.#known.refresh(),
      hello: () => ({
        ...(this.#cluster === undefined ? {} : { cluster: this.#cluster }),
        monitors,
        pingIntervalMs,
        deadPings,
      }),
      chaos: dashboard?.chaos,
      read: async () => this.#read(),
    });
  }

  notice(notice: ServerNotice): void {
    const telling = this.#narrator.tell(notice);
    if (notice.kind === 'view') {
      this.#known.learn(notice.view);
      this.#cluster = notice.view.cluster;
    }
    // Samples already show the progress of a transfer, so only every tenth of it is recorded as a notice.
    if (notice.kind === 'sync-progress' && telling.level === 'debug') return;
    this.node.notice(notice, telling);
  }

  #read(): Reading | undefined {
    const { settings, status: statusOf, inspection, passedOn } = this.#parts;
    const status = ifStarted(statusOf);
    if (status === undefined) return undefined;
    const { queues, leaseUntil } = inspection();
    const sample: Omit<ServerSample, 'at'> = {
      kind: 'server',
      status,
      calls: this.#calls.read(),
      queues: { ...queues, http: passedOn() },
      leaseRemainingMs: leaseUntil === undefined ? null : Math.max(0, leaseUntil - settings.world.clock.now()),
    };
    return { sample, mark: markOf(sample, status) };
  }
}

/** Leaves out the counters of messages between servers. They change all the time and are no news. */
function markOf({ calls: { byMethod, failures } }: Omit<ServerSample, 'at'>, status: ServerStatus): string {
  const { counters, ...rest } = status;
  return JSON.stringify([rest, counters.duplicatesAnswered, byMethod, failures]);
}

function ifStarted(read: () => ServerStatus): ServerStatus | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof UnderstudyError && error.name === 'NOT_READY') return undefined;
    throw error;
  }
}

/** The monitor's web page and its event feed: notices in words, and samples of the status. */
import { CallWindow, type MonitorSample, NodePage, type Reading } from '@understudy/dashboard';
import type { Address, CallMeter } from '@understudy/rpc';
import type { MonitorNotice } from './notice.ts';
import { tellMonitorNotice } from './notice-in-words.ts';
import type { MonitorSettings } from './options.ts';
import { confirmedServers, type MonitorStatus } from './status.ts';

export interface MonitorPageParts {
  readonly settings: MonitorSettings;
  readonly own: () => Address;
  readonly status: () => MonitorStatus;
  /** Resolves once the status is on disk (V9). */
  readonly savedStatus: () => Promise<MonitorStatus>;
  readonly meter: CallMeter;
}

export class MonitorPage {
  readonly node: NodePage;
  readonly #parts: MonitorPageParts;
  readonly #calls: CallWindow;

  constructor(parts: MonitorPageParts) {
    const { settings, own, status, meter } = parts;
    const { clock } = settings.world;
    this.#parts = parts;
    this.#calls = new CallWindow({ meter, clock, nameOf: (method) => method });
    this.node = new NodePage({
      clock,
      kind: 'monitor',
      own,
      others: () => confirmedServers(status()),
      hello: () => {
        const { cluster } = status().view;
        const { pingInterval: pingIntervalMs, deadPings } = settings;
        return { ...(cluster === undefined ? {} : { cluster }), monitors: [own()], pingIntervalMs, deadPings };
      },
      chaos: settings.dashboard?.chaos,
      read: () => this.#read(),
    });
  }

  /** Call this only with notices whose state is on disk (V9). */
  notice(notice: MonitorNotice): void {
    this.node.notice(notice, tellMonitorNotice(notice));
  }

  async #read(): Promise<Reading> {
    const { history, ...status } = await this.#parts.savedStatus();
    const sample: Omit<MonitorSample, 'at'> = { kind: 'monitor', status, calls: this.#calls.read() };
    return { sample, mark: markOf(status) };
  }
}

/** What counts as a change of the status. Pings and the passing of time do not. */
function markOf({ servers, waiting, ...rest }: Omit<MonitorStatus, 'history'>): string {
  const { kind, servers: whom } = waiting;
  const seats = servers.map(({ server, role, syncing, condition, viewnum }) => [
    server,
    role,
    syncing,
    condition,
    viewnum,
  ]);
  return JSON.stringify([rest, kind, whom, seats]);
}

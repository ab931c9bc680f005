/** How the key/value service is, as far as this application can see: what the page and `GET /status` show of it. */
import type { ClientNotice, KVClient } from '@understudy/kvservice';
import type { View } from '@understudy/sysmonitor';

/** A process that this application started. */
export interface Process {
  readonly service: 'monitor' | 'server';
  readonly address: string;
  readonly pid: number;
  readonly isRunning: boolean;
}

export interface ServiceStatus {
  /** `failing over`: an operation found no primary, and none was answered since. */
  readonly state: 'serving' | 'failing over';
  /** Since when, ISO 8601. */
  readonly since: string;
  /** While the monitor does not answer all goes on, but nobody would be promoted. */
  readonly monitorAnswers: boolean;
  readonly view: Pick<View, 'viewnum' | 'primary' | 'backups' | 'syncing'>;
  readonly processes: readonly Process[];
}

/** A check waits as long for its answers. */
const PATIENCE_MS = 2_000;

export interface ServiceWatchOptions {
  readonly kv: KVClient;
  readonly processes: () => readonly Process[];
  readonly onChange: () => void;
}

export class ServiceWatch {
  readonly #options: ServiceWatchOptions;
  #state: ServiceStatus['state'] = 'serving';
  #since = new Date();
  #monitorAnswers = true;
  #view: View = { viewnum: 0, primary: '', backups: [], syncing: [] };

  constructor(options: ServiceWatchOptions) {
    this.#options = options;
  }

  get status(): ServiceStatus {
    const { viewnum, primary, backups, syncing } = this.#view;
    return {
      state: this.#state,
      since: this.#since.toISOString(),
      monitorAnswers: this.#monitorAnswers,
      view: { viewnum, primary, backups, syncing },
      processes: this.#options.processes(),
    };
  }

  /** What the client does beside the plain work: the first retry tells of a failover, half a second before its end. */
  note(notice: ClientNotice): void {
    if (notice.kind === 'retry') this.#change('failing over');
    if (notice.kind === 'view') {
      this.#view = notice.view;
      this.#options.onChange();
    }
  }

  /** Asks the monitor for its view, and whether the primary answers. */
  async check(): Promise<ServiceStatus> {
    const { kv } = this.#options;
    const isAnswered = (asked: Promise<unknown>) =>
      asked.then(
        () => true,
        () => false,
      );
    const [isServing, monitorAnswers] = await Promise.all([
      isAnswered(kv.get('task/', { timeout: PATIENCE_MS })),
      isAnswered(kv.updateView({ timeout: PATIENCE_MS })),
    ]);
    this.#monitorAnswers = monitorAnswers;
    this.#change(isServing ? 'serving' : 'failing over');
    return this.status;
  }

  #change(state: ServiceStatus['state']): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#since = new Date();
    this.#options.onChange();
  }
}

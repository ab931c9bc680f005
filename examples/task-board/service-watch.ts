/** How the key/value service is, as far as this application can see: what the page and `GET /status` show of it. */
import type { ClientNotice, KVClient } from '@understudy/kvservice';
import type { MonitorClient, MonitorStatus, View } from '@understudy/sysmonitor';

/** A process that this application started. */
export interface Process {
  readonly service: 'monitor' | 'server';
  readonly address: string;
  readonly pid: number;
  readonly isRunning: boolean;
}

export interface Member {
  readonly service: Process['service'];
  readonly address: string;
  /** `syncing`: a backup that does not hold all the data yet; `reserve`: a server without a part in the view. */
  readonly role: 'monitor' | 'primary' | 'backup' | 'syncing' | 'reserve' | 'dead';
  /** Of a process that this application started. */
  readonly pid?: number;
}

export interface ServiceStatus {
  /** `failing over`: an operation found no primary, and none was answered since. */
  readonly state: 'serving' | 'failing over';
  /** Since when, ISO 8601: it fails over since the first question that got no answer. */
  readonly since: string;
  /** While the monitor does not answer all goes on, but nobody would be promoted. */
  readonly monitorAnswers: boolean;
  readonly viewnum: number;
  readonly members: readonly Member[];
}

export interface ServiceWatchOptions {
  readonly kv: KVClient;
  readonly monitor: MonitorClient;
  readonly processes: () => readonly Process[];
  readonly onChange: () => void;
}

/** A check waits as long for the primary. */
const PATIENCE_MS = 2_000;

export class ServiceWatch {
  readonly #options: ServiceWatchOptions;
  #state: ServiceStatus['state'] = 'serving';
  #since = new Date();
  /** Since when a check waits for its answers. */
  #askedAt: Date | undefined;
  #view: View = { viewnum: 0, primary: '', backups: [], syncing: [] };
  /** The monitor's last word; undefined when it did not answer the last time. */
  #told: MonitorStatus | undefined;

  constructor(options: ServiceWatchOptions) {
    this.#options = options;
  }

  get status(): ServiceStatus {
    return {
      state: this.#state,
      since: this.#since.toISOString(),
      monitorAnswers: this.#told !== undefined,
      viewnum: this.#view.viewnum,
      members: this.#members(),
    };
  }

  /** What the client does beside the plain work: the first retry tells of a failover, half a second before its end. */
  note(notice: ClientNotice): void {
    if (notice.kind === 'retry') this.#change('failing over', this.#askedAt);
    if (notice.kind === 'view') this.#view = notice.view;
    if (notice.kind === 'view') this.#options.onChange();
  }

  /** Asks the monitor how things stand, and the primary for anything. */
  async check(): Promise<ServiceStatus> {
    const { kv, monitor } = this.#options;
    this.#askedAt ??= new Date();
    const [isServing, told] = await Promise.all([
      kv.get('task/', { timeout: PATIENCE_MS }).then(
        () => true,
        () => false,
      ),
      monitor.status().catch(() => undefined),
    ]);
    this.#told = told;
    if (told !== undefined && told.view.viewnum >= this.#view.viewnum) this.#view = told.view;
    this.#change(isServing ? 'serving' : 'failing over', isServing ? undefined : this.#askedAt);
    this.#askedAt = undefined;
    return this.status;
  }

  #change(state: ServiceStatus['state'], since = new Date()): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#since = since;
    this.#options.onChange();
  }

  /** The processes that we started; where the cluster is somebody else's, the servers that the monitor knows. */
  #members(): readonly Member[] {
    const processes = this.#options.processes();
    if (processes.length === 0) return (this.#told?.servers ?? []).map((sighting) => this.#ofSighting(sighting));
    return processes.map(({ service, address, pid, isRunning }) => {
      const role = !isRunning ? 'dead' : service === 'monitor' ? 'monitor' : this.#roleOf(address);
      return { service, address, role, pid };
    });
  }

  #ofSighting({ server: address, condition }: MonitorStatus['servers'][number]): Member {
    return { service: 'server', address, role: condition === 'alive' ? this.#roleOf(address) : 'dead' };
  }

  #roleOf(address: string): Member['role'] {
    const { primary, backups, syncing } = this.#view;
    if (address === primary) return 'primary';
    if (syncing.includes(address)) return 'syncing';
    return backups.includes(address) ? 'backup' : 'reserve';
  }
}

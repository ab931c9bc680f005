/** `understudy up`, run and read by a benchmark: a real cluster, its addresses and its process ids. */

import { setTimeout as sleep } from 'node:timers/promises';
import { MonitorClient, type View } from '@understudy/sysmonitor';
import { Understudy } from './processes.ts';

interface Member {
  readonly service: 'monitor' | 'server';
  readonly address: string;
  readonly pid: number;
}

export class LocalCluster implements AsyncDisposable {
  readonly monitor: string;
  readonly #up: Understudy;
  readonly #pids: ReadonlyMap<string, number>;
  readonly #client: MonitorClient;

  private constructor(up: Understudy, monitor: string, pids: ReadonlyMap<string, number>) {
    this.monitor = monitor;
    this.#up = up;
    this.#pids = pids;
    this.#client = new MonitorClient({ monitors: monitor });
  }

  static start(options: { readonly servers: number; readonly backups?: number }): Promise<LocalCluster> {
    const { servers, backups = 1 } = options;
    const pids = new Map<string, number>();
    const args = ['up', '--json', '--port', '0', '--servers', String(servers), '--backups', String(backups)];
    return new Promise((resolve) => {
      const up = new Understudy(args, (line) => {
        const happening = JSON.parse(line) as { kind: string; member?: Member; members?: readonly Member[] };
        if (happening.kind === 'started' && happening.member) pids.set(happening.member.address, happening.member.pid);
        const [monitor] = happening.members ?? [];
        if (happening.kind === 'up' && monitor !== undefined) resolve(new LocalCluster(up, monitor.address, pids));
      });
    });
  }

  /** Of the process that serves at this address now. */
  pidOf(address: string): number {
    const pid = this.#pids.get(address);
    if (pid === undefined) throw new Error(`no process is known at ${address}`);
    return pid;
  }

  /** Resolves with the view once it is acknowledged and at least one backup holds all the data. */
  async inSync(): Promise<View> {
    for (;;) {
      const { view, acknowledged } = await this.#client.status();
      if (acknowledged && view.backups.length > view.syncing.length) return view;
      await sleep(10);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.close();
    await this.#up[Symbol.asyncDispose]();
  }
}

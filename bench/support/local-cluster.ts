/** `understudy up`, run and read by a benchmark: a real cluster, its addresses and its process ids. */

import { setTimeout as sleep } from 'node:timers/promises';
import { MonitorClient, type View } from '@understudy/sysmonitor';
import { Understudy } from './processes.ts';

interface Member {
  readonly service: 'monitor' | 'server';
  readonly address: string;
  readonly pid: number;
}

/** Data goes by the address of its server, so a cluster that has some comes back where it was. */
const PORT_WITH_DATA = '17400';

interface Options {
  readonly servers: number;
  readonly backups?: number;
  readonly data?: string;
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

  /** `data`: the directory where all keep their data; in memory alone unless set. */
  static start(options: Options): Promise<LocalCluster> {
    const { servers, backups = 1, data } = options;
    const pids = new Map<string, number>();
    const port = data === undefined ? '0' : PORT_WITH_DATA;
    const args = ['up', '--json', '--port', port, '--servers', String(servers), '--backups', String(backups)];
    if (data !== undefined) args.push('--data', data);
    return new Promise((resolve) => {
      const up = new Understudy(args, (line) => {
        const happening = JSON.parse(line) as { kind: string; member?: Member; members?: readonly Member[] };
        if (happening.kind === 'started' && happening.member) pids.set(happening.member.address, happening.member.pid);
        const [monitor] = happening.members ?? [];
        for (const { address, pid } of happening.members ?? []) pids.set(address, pid);
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

  /** `kill -9` of monitor and servers, all at once; `up` starts them again after two seconds. */
  killAll(): void {
    for (const pid of this.#pids.values()) process.kill(pid, 'SIGKILL');
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

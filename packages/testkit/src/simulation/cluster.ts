/** The monitor and the servers of a run: each a process of its own, that starts, dies, leaves and comes back. */
import { type ReplicaInspection, type Server, type ServerNotice, startServer } from '@understudy/kvservice';
import { type Monitor, type MonitorNotice, type MonitorStep, startMonitor } from '@understudy/sysmonitor';
import type { SimulatedWorld } from '../world/simulated-world.ts';
import type { Coverage } from './coverage.ts';
import type { Judge } from './judge.ts';
import type { Profile } from './profile.ts';
import type { Happening } from './trace.ts';

export const MONITOR = 'm';
export const MONITORS = 'm:1';

export interface ClusterParts {
  readonly world: SimulatedWorld;
  readonly servers: number;
  readonly profile: Profile;
  readonly judge: Judge;
  readonly coverage: Coverage;
  readonly tell: (happening: Happening) => void;
  /** Called when there can be no service from now on, or none that can be judged, although no rule was broken. */
  readonly onHalt: (reason: string) => void;
}

interface Life {
  server: Server | undefined;
  /** `leaving`: was asked to go, and has not gone yet. */
  state: 'down' | 'up' | 'leaving';
}

export class Cluster {
  readonly names: readonly string[];
  readonly #parts: ClusterParts;
  readonly #lives = new Map<string, Life>();
  /** Ids of clusters that the monitor began. */
  readonly #clusters = new Set<string>();
  #monitor: Monitor | undefined;

  constructor(parts: ClusterParts) {
    this.#parts = parts;
    this.names = Array.from({ length: parts.servers }, (_, place) => String.fromCharCode(97 + place));
    for (const name of this.names) this.#lives.set(name, { server: undefined, state: 'down' });
  }

  get monitorRuns(): boolean {
    return this.#monitor !== undefined;
  }

  stateOf(name: string): Life['state'] {
    return this.#life(name).state;
  }

  /** The living run. */
  replica(name: string): ReplicaInspection | undefined {
    return this.#parts.judge.replicas.get(addressOf(name));
  }

  /** Of the newest view that the monitor gave, "" when there is none. */
  get primary(): string {
    return nameOf(this.#parts.judge.monitor?.view.primary ?? '');
  }

  get backups(): readonly string[] {
    return (this.#parts.judge.monitor?.view.backups ?? []).map(nameOf);
  }

  startMonitor(isNew: boolean): void {
    const { world, profile, judge, tell } = this.#parts;
    const process = world.process(MONITOR);
    const options = {
      listen: MONITORS,
      backups: profile.backups,
      newCluster: isNew,
      world: process.alive ? process.world : process.restart(),
      onNotice: (notice: MonitorNotice) => this.#hearMonitor(notice),
      onStep: (step: MonitorStep) => this.#monitorStep(step),
    };
    tell({ kind: 'process', name: MONITOR, state: 'started' });
    startMonitor(options).then(
      (monitor) => {
        this.#monitor = monitor;
      },
      (error) => judge.violate('a monitor starts', '', String(error)),
    );
  }

  /** `kill -9`: all that it knew is gone. */
  crashMonitor(): void {
    const { world, judge, tell } = this.#parts;
    world.process(MONITOR).crash();
    this.#monitor = undefined;
    judge.monitor = undefined;
    tell({ kind: 'process', name: MONITOR, state: 'ended' });
  }

  /** Starts a server without data. */
  start(name: string): void {
    const { world, profile, judge, tell } = this.#parts;
    const life = this.#life(name);
    if (life.state !== 'down') return;
    life.state = 'up';
    const { minBackups, leaseMs, sessionTtlMs, limits, priorities } = profile;
    const process = world.process(name);
    const server = startServer({
      listen: addressOf(name),
      monitors: MONITORS,
      priority: priorities ? name.charCodeAt(0) % 3 : 0,
      minBackups,
      lease: leaseMs,
      sessionTtl: sessionTtlMs,
      limits,
      world: process.restart(),
      onNotice: (notice) => this.#hearServer(name, notice),
      onStep: (step) => {
        this.#parts.coverage.step(step);
        judge.replica(step);
      },
    });
    tell({ kind: 'process', name, state: 'started' });
    server.then(
      (running) => {
        life.server = running;
      },
      (error) => judge.violate('a server starts', '', `${name}: ${error}`),
    );
  }

  /** `kill -9`. */
  crash(name: string): void {
    this.#parts.world.process(name).crash();
    this.#gone(name);
  }

  /** As by SIGTERM (V14); its process ends when it is through. */
  leave(name: string): void {
    const life = this.#life(name);
    const { server } = life;
    if (life.state !== 'up' || server === undefined) return;
    life.state = 'leaving';
    void server.close().then((lost) => {
      if (life.server !== server) return;
      if (lost === '') this.#parts.coverage.saw('graceful leave');
      else this.#parts.onHalt(`${name} left: ${lost}`);
      this.#gone(name);
    });
  }

  /**
   * Whether losing this server, with its memory, loses nothing that is committed: the monitor knows of another one that is safe to promote and
   * has not lost its data. Two failures at once are one too many where data is in memory only.
   */
  maySpare(name: string): boolean {
    const state = this.#parts.judge.monitor;
    // While there is no monitor that knows, only those who hold nothing.
    if (state === undefined) return this.replica(name)?.fulfilled === 0;
    if (!state.safe.includes(addressOf(name))) return true;
    return state.safe.some((other) => other !== addressOf(name) && this.#holdsItsSeat(nameOf(other)));
  }

  /** Whether a monitor that starts without a state can be told by those who live all that it has to know (V12). */
  maySpareMonitor(): boolean {
    const state = this.#parts.judge.monitor;
    if (state === undefined || !state.safe.every((server) => this.#holdsItsSeat(nameOf(server)))) return false;
    for (const { view } of this.#parts.judge.replicas.values()) {
      for (const server of [view.primary, ...view.backups]) {
        const replica = this.#parts.judge.replicas.get(server);
        const isSyncing = view.syncing.includes(server);
        if (server === '' || isSyncing) continue;
        if (replica?.incarnation !== view.incarnations?.[server] || this.stateOf(nameOf(server)) !== 'up') return false;
      }
    }
    return true;
  }

  /** Why there can be no service any more although nobody broke a rule; "" where there can. */
  reasonToHalt(): string {
    const { judge } = this.#parts;
    const status = this.#monitor?.status();
    if (status === undefined) return '';
    const { waiting, safe, phase } = status;
    if (phase === 'recovering' && waiting.kind === 'reports') {
      const gone = waiting.servers.filter((server) => (judge.replicas.get(server)?.fulfilled ?? 0) === 0);
      return gone.length > 0 ? `the monitor lost its state, and ${gone.join(', ')} its data` : '';
    }
    if (phase !== 'serving' || this.#membersInSync().some((server) => this.#holdsItsSeat(nameOf(server)))) return '';
    return `all that held the data are gone: ${safe.join(', ')}`;
  }

  /** Members of the view that hold everything, whatever the monitor thinks of them. */
  #membersInSync(): readonly string[] {
    const view = this.#parts.judge.monitor?.view;
    if (view === undefined) return [];
    return [view.primary, ...view.backups].filter((server) => !view.syncing.includes(server));
  }

  /** Servers whose state is to be the same: the primary and every backup that has everything. */
  get inSync(): readonly ReplicaInspection[] {
    return this.#membersInSync().flatMap((server) => this.#parts.judge.replicas.get(server) ?? []);
  }

  /** Ends everything properly. */
  async close(): Promise<void> {
    await Promise.all([...this.#lives.values()].map(({ server }) => server?.kill()));
    await this.#monitor?.close();
  }

  /** Counters of every server that runs. */
  countAll(): void {
    for (const replica of this.#parts.judge.replicas.values()) this.#parts.coverage.count(replica);
  }

  #holdsItsSeat(name: string): boolean {
    const address = addressOf(name);
    const seat = this.#parts.judge.monitor?.seats.find(({ server }) => server === address);
    return (
      this.stateOf(name) === 'up' &&
      seat !== undefined &&
      seat.incarnation === this.#parts.judge.replicas.get(address)?.incarnation
    );
  }

  #gone(name: string): void {
    const { judge, coverage, tell } = this.#parts;
    const life = this.#life(name);
    const replica = this.replica(name);
    if (replica !== undefined) coverage.count(replica);
    judge.replicas.delete(addressOf(name));
    life.server = undefined;
    life.state = 'down';
    tell({ kind: 'process', name, state: 'ended' });
  }

  /** Without a disk, a monitor that comes back cannot know of servers that it does not hear (V1, V12). */
  #monitorStep(step: MonitorStep): void {
    const { judge, onHalt } = this.#parts;
    const { cluster } = step.state?.view ?? {};
    if (cluster !== undefined && this.#clusters.add(cluster).size > 1) {
      onHalt('a monitor that had lost its state heard none of its servers in time, and began another cluster');
    }
    judge.monitorStep(step);
  }

  #hearMonitor(notice: MonitorNotice): void {
    const { coverage, tell } = this.#parts;
    coverage.monitor(notice);
    if (notice.kind === 'view') tell({ kind: 'view', view: notice.view, causes: notice.causes });
    if (notice.kind === 'acknowledged') tell({ kind: 'acknowledged', viewnum: notice.view.viewnum });
  }

  #hearServer(name: string, notice: ServerNotice): void {
    const { judge, coverage, tell } = this.#parts;
    coverage.server(notice);
    if (notice.kind === 'view') {
      tell({ kind: 'role', server: name, role: notice.role, viewnum: notice.view.viewnum });
    }
    if (notice.kind === 'stopped' && notice.reason !== '') {
      judge.violate('no server stops by itself', '', `${name}: ${notice.reason}`);
    }
  }

  #life(name: string): Life {
    const life = this.#lives.get(name);
    if (life === undefined) throw new RangeError(`no server ${name}`);
    return life;
  }
}

export function addressOf(name: string): string {
  return `${name}:1`;
}

function nameOf(address: string): string {
  return address.replace(/:\d+$/, '');
}

/**
 * The monitor and the servers of a run. Each is a process of its own that starts, dies, leaves and returns. Every step
 * of a server goes to the judge and to the coverage. A server that its disk stopped is started again, as an operator
 * would do.
 */
import {
  type ReplicaInspection,
  type ReplicaStep,
  type Server,
  type ServerNotice,
  startServer,
} from '@understudy/kvservice';
import type { MonitorStep } from '@understudy/sysmonitor';
import { type Moment, momentsOf } from '../faults/moments.ts';
import type { SimulatedWorld } from '../world/simulated-world.ts';
import type { Coverage } from './coverage.ts';
import type { Judge } from './judge.ts';
import { DATA_DIR, isOfDisk, MONITORS, MonitorLife, REPAIR_MS } from './monitor-life.ts';
import { type Profile, serverOptionsOf } from './profile.ts';
import { Survival } from './survival.ts';
import type { Happening } from './trace.ts';

export interface ClusterParts {
  readonly world: SimulatedWorld;
  readonly servers: number;
  readonly profile: Profile;
  readonly judge: Judge;
  readonly coverage: Coverage;
  readonly tell: (happening: Happening) => void;
  /** Called if there can be no service from now on, or none that can be judged, although no rule was broken. */
  readonly onHalt: (reason: string) => void;
}

export type MomentListener = (name: string, moments: ReadonlySet<Moment>) => void;

interface Life {
  server: Server | undefined;
  /** `leaving`: the server was asked to leave and has not ended yet. */
  state: 'down' | 'up' | 'leaving';
}

export class Cluster {
  readonly names: readonly string[];
  /** What the cluster can lose, and what it has lost. */
  readonly survival: Survival;
  readonly monitor: MonitorLife;
  readonly #parts: ClusterParts;
  readonly #lives = new Map<string, Life>();
  readonly #momentListeners = new Set<MomentListener>();
  /** The number of server deaths so far. */
  #crashes = 0;
  /** There was a moment without any running server. */
  #wasDown = false;

  constructor(parts: ClusterParts) {
    this.#parts = parts;
    const { hasDisk, backups } = parts.profile;
    this.monitor = new MonitorLife({ ...parts, hasDisk, backups });
    this.names = Array.from({ length: parts.servers }, (_, place) => String.fromCharCode(97 + place));
    for (const name of this.names) this.#lives.set(name, { server: undefined, state: 'down' });
    this.survival = new Survival({
      judge: parts.judge,
      hasDisk: parts.profile.hasDisk,
      harmsOf: (server) => parts.world.process(nameOf(server)).disk.harms,
      isUp: (server) => this.stateOf(nameOf(server)) === 'up',
      monitorStatus: () => this.monitor.status,
    });
  }

  stateOf(name: string): Life['state'] {
    return this.#life(name).state;
  }

  /** The replica of the running process. */
  replica(name: string): ReplicaInspection | undefined {
    return this.#parts.judge.replicas.get(addressOf(name));
  }

  /** The monitor's last decision; undefined while it knows no view. */
  get monitorState(): MonitorStep['state'] {
    return this.#parts.judge.monitor;
  }

  /** The primary of the newest view; "" if there is none, or if a forged ping made a name primary that no process has. */
  get primary(): string {
    const name = nameOf(this.#parts.judge.monitor?.view.primary ?? '');
    return this.#lives.has(name) ? name : '';
  }

  /** The backups of the newest view, without names from forged pings that no server has. */
  get backups(): readonly string[] {
    return (this.#parts.judge.monitor?.view.backups ?? []).map(nameOf).filter((name) => this.#lives.has(name));
  }

  get hasDisk(): boolean {
    return this.#parts.profile.hasDisk;
  }

  /** Starts a server with its disk, if it has one. */
  start(name: string): void {
    const { world, profile, judge, tell } = this.#parts;
    const life = this.#life(name);
    if (life.state !== 'down') return;
    life.state = 'up';
    const process = world.process(name);
    const server = startServer({
      ...(profile.hasDisk ? { dataDir: DATA_DIR } : {}),
      listen: addressOf(name),
      monitors: MONITORS,
      priority: profile.priorities ? name.charCodeAt(0) % 3 : 0,
      ...serverOptionsOf(profile, this.names.indexOf(name)),
      world: process.restart(),
      onNotice: (notice) => this.#hearServer(name, notice),
      onStep: (step) => {
        this.#parts.coverage.step(step);
        judge.replica(step);
        if (this.#momentListeners.size > 0) this.#tellMoments(name, step);
      },
    });
    tell({ kind: 'process', name, state: 'started' });
    server.then(
      (running) => {
        life.server = running;
      },
      (error) => {
        if (isOfDisk(error.name)) this.#repair(name);
        else judge.violate('a server starts', '', `${name}: ${error}`);
      },
    );
  }

  /** Reports the moments of each step of a server. Returns a function that ends this. */
  onMoment(listener: MomentListener): () => void {
    this.#momentListeners.add(listener);
    return () => this.#momentListeners.delete(listener);
  }

  /** Kills a server, as by `kill -9`. */
  crash(name: string): void {
    this.#crashes += 1;
    this.#parts.world.process(name).crash();
    this.#gone(name);
  }

  /** Asks a server to leave, as by SIGTERM (V14). Its process ends when it has left. */
  leave(name: string): void {
    const life = this.#life(name);
    const { server } = life;
    if (life.state !== 'up' || server === undefined) return;
    life.state = 'leaving';
    this.#parts.tell({ kind: 'process', name, state: 'leaving' });
    const crashes = this.#crashes;
    void server.close().then((lost) => {
      if (life.server !== server) return;
      if (lost === '') this.#parts.coverage.saw('graceful leave');
      else this.#parts.onHalt(`${name} left: ${lost}`);
      if (lost === '' && crashes === this.#crashes && server.status().keys > 0)
        this.survival.expectHeld(addressOf(name));
      this.#gone(name);
    });
  }

  /** Ends all processes properly. */
  async close(): Promise<void> {
    await Promise.all([...this.#lives.values()].map(({ server }) => server?.kill()));
    await this.monitor.close();
  }

  /** Adds the counters of every running server to the coverage. */
  countAll(): void {
    for (const replica of this.#parts.judge.replicas.values()) this.#parts.coverage.count(replica);
  }

  #tellMoments(name: string, step: ReplicaStep): void {
    const moments = momentsOf(step);
    if (moments.size > 0) for (const listener of [...this.#momentListeners]) listener(name, moments);
  }

  #gone(name: string): void {
    const { judge, coverage, tell } = this.#parts;
    const life = this.#life(name);
    const replica = this.replica(name);
    if (replica !== undefined) coverage.count(replica);
    judge.replicas.delete(addressOf(name));
    life.server = undefined;
    life.state = 'down';
    if ([...this.#lives.values()].every(({ state }) => state === 'down')) this.#wasDown = true;
    tell({ kind: 'process', name, state: 'ended' });
  }

  #hearServer(name: string, notice: ServerNotice): void {
    const { judge, coverage, tell } = this.#parts;
    coverage.server(notice);
    if (notice.kind === 'view') {
      tell({ kind: 'role', server: name, role: notice.role, viewnum: notice.view.viewnum });
    } else tell({ kind: 'notice', name, notice });
    if (notice.kind === 'restored') this.#noteRestored(name);
    if (notice.kind === 'acknowledged' && this.#wasDown) {
      this.#wasDown = false;
      coverage.saw('total crash and recovery');
    }
    if (notice.kind === 'stopped' && notice.reason.startsWith('disk: ')) this.#repair(name);
    else if (notice.kind === 'stopped' && notice.reason !== '') {
      judge.violate('no server stops by itself', '', `${name}: ${notice.reason}`);
    }
  }

  /** The server's disk stopped it. It is started again after a while, as an operator would do. */
  #repair(name: string): void {
    this.crash(name);
    this.#parts.world.at(this.#parts.world.random.exponential(REPAIR_MS), () => this.start(name));
  }

  #noteRestored(name: string): void {
    const { view } = this.#parts.judge.monitor ?? {};
    if (view?.primary === addressOf(name)) this.#parts.coverage.saw('restart from disk as primary');
    if (view?.backups.includes(addressOf(name))) this.#parts.coverage.saw('restart from disk as backup');
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

export function nameOf(address: string): string {
  return address.replace(/:\d+$/, '');
}

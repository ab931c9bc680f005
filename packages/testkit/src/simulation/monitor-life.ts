/**
 * The monitor's process in a run. It starts, dies, and is started again after a disk failure, as a service manager
 * would do. It keeps its state in the real view store, on the simulated disk of its machine.
 */
import {
  type Monitor,
  type MonitorNotice,
  type MonitorStatus,
  type MonitorStep,
  startMonitor,
} from '@understudy/sysmonitor';
import type { SimulatedWorld } from '../world/simulated-world.ts';
import type { Coverage } from './coverage.ts';
import type { Judge } from './judge.ts';
import type { Happening } from './trace.ts';

export const MONITOR = 'm';
export const MONITORS = 'm:1';
/** The data directory on the disk of each machine. */
export const DATA_DIR = 'data';
/** Mean milliseconds until a process that its disk stopped is started again. */
export const REPAIR_MS = 1_000;

export interface MonitorLifeParts {
  readonly world: SimulatedWorld;
  readonly hasDisk: boolean;
  /** The number of backups wanted besides the primary. */
  readonly backups: number;
  readonly judge: Judge;
  readonly coverage: Coverage;
  readonly tell: (happening: Happening) => void;
  readonly onHalt: (reason: string) => void;
}

export class MonitorLife {
  readonly #parts: MonitorLifeParts;
  /** The ids of the clusters that the monitor began. */
  readonly #clusters = new Set<string>();
  #monitor: Monitor | undefined;
  #starts = 0;

  constructor(parts: MonitorLifeParts) {
    this.#parts = parts;
  }

  get runs(): boolean {
    return this.#monitor !== undefined;
  }

  /** How often the monitor was started. */
  get starts(): number {
    return this.#starts;
  }

  get status(): MonitorStatus | undefined {
    return this.#monitor?.status();
  }

  start(isNew: boolean): void {
    const { world, hasDisk, backups, judge, tell } = this.#parts;
    const process = world.process(MONITOR);
    const options = {
      ...(hasDisk ? { dataDir: DATA_DIR } : {}),
      listen: MONITORS,
      backups,
      newCluster: isNew,
      world: process.alive ? process.world : process.restart(),
      onNotice: (notice: MonitorNotice) => this.#hear(notice),
      onStep: (step: MonitorStep) => this.#step(step),
    };
    this.#starts += 1;
    tell({ kind: 'process', name: MONITOR, state: 'started' });
    startMonitor(options).then(
      (monitor) => {
        this.#monitor = monitor;
      },
      (error) => {
        if (isOfDisk(error.name)) this.#repair();
        else judge.violate('a monitor starts', '', String(error));
      },
    );
  }

  /** Kills the monitor as by `kill -9`, and starts it again. */
  bounce(downMs: number): void {
    this.crash();
    this.#startLater(downMs);
  }

  /** Kills the monitor as by `kill -9`. Everything that it did not save to disk is lost. */
  crash(): void {
    const { world, judge, tell } = this.#parts;
    world.process(MONITOR).crash();
    this.#monitor = undefined;
    judge.monitor = undefined;
    tell({ kind: 'process', name: MONITOR, state: 'ended' });
  }

  async close(): Promise<void> {
    await this.#monitor?.close();
  }

  /** The monitor's disk stopped it. */
  #repair(): void {
    this.#parts.coverage.saw('monitor stopped by its disk');
    this.bounce(this.#parts.world.random.exponential(REPAIR_MS));
  }

  #startLater(downMs: number): void {
    this.#parts.world.at(downMs, () => {
      if (!this.#parts.world.process(MONITOR).alive) this.start(false);
    });
  }

  /**
   * A monitor that lost all its state cannot know of servers that it does not hear (V1, V12). A monitor with damaged
   * data knows that there was a cluster, because the damaged directory lies beside the new one.
   */
  #step(step: MonitorStep): void {
    const { world, judge, onHalt } = this.#parts;
    const { cluster, incarnations = {}, primary = '' } = step.state?.view ?? {};
    // A cluster that a bare ping began holds nothing, and ends as soon as a server with a secret comes.
    const isOfServers = (incarnations[primary] ?? '') !== '';
    if (isOfServers && cluster !== undefined && this.#clusters.add(cluster).size > 1) {
      const aside = world.process(MONITOR).disk.directories.find((directory) => directory !== DATA_DIR);
      if (aside !== undefined) {
        const message = `it began cluster ${cluster} although the data of an earlier one lies in ${aside}`;
        judge.violate('a monitor with damaged data begins no new cluster', 'V12', message);
      }
      onHalt('a monitor that had lost its state heard none of its servers in time, and began another cluster');
    }
    judge.monitorStep(step);
  }

  #hear(notice: MonitorNotice): void {
    const { coverage, tell } = this.#parts;
    coverage.monitor(notice);
    if (notice.kind === 'view') tell({ kind: 'view', view: notice.view, causes: notice.causes });
    else if (notice.kind === 'acknowledged') tell({ kind: 'acknowledged', viewnum: notice.view.viewnum });
    else tell({ kind: 'notice', name: MONITOR, notice });
    if (notice.kind === 'stopped' && notice.reason.startsWith('disk: ')) this.#repair();
    else if (notice.kind === 'stopped' && notice.reason !== '') {
      this.#parts.judge.violate('no monitor stops by itself', '', notice.reason);
    }
  }
}

/** The start failed because of the disk. A later start may succeed. */
export function isOfDisk(failure: string): boolean {
  return ['STORE_FAILED', 'STORE_IN_USE'].includes(failure);
}

/** What a cluster can lose without losing what is committed, and whether there can be service after what it has lost. */
import type { ReplicaInspection } from '@understudy/kvservice';
import type { MonitorStatus } from '@understudy/sysmonitor';
import type { Judge } from './judge.ts';

export interface SurvivalParts {
  readonly judge: Judge;
  /** Servers and monitor keep what they know on disk. */
  readonly hasDisk: boolean;
  /** By address: how often a fault has changed what is on the disk of a server. */
  readonly harmsOf: (server: string) => number;
  /** By address: it runs, and was not asked to leave. */
  readonly isUp: (server: string) => boolean;
  /** Undefined while the monitor does not run. */
  readonly monitorStatus: () => MonitorStatus | undefined;
}

export class Survival {
  readonly #parts: SurvivalParts;

  constructor(parts: SurvivalParts) {
    this.#parts = parts;
  }

  /**
   * Whether losing what this server holds loses nothing that is committed: the monitor knows of another one that is safe to promote.
   * Two such losses at once are one too many.
   */
  maySpare(server: string): boolean {
    const { monitor: state, replicas } = this.#parts.judge;
    // While there is no monitor that knows, only those who hold nothing.
    if (state === undefined) return replicas.get(server)?.fulfilled === 0;
    if (!state.safe.includes(server)) return true;
    return state.safe.some((other) => other !== server && this.#holdsItsSeat(other));
  }

  /** Whether a monitor that starts without a state can be told by those who live all that it has to know (V12). */
  maySpareMonitor(): boolean {
    const { monitor: state, replicas } = this.#parts.judge;
    if (state === undefined || !state.safe.every((server) => this.#holdsItsSeat(server))) return false;
    for (const { view } of replicas.values()) {
      for (const server of [view.primary, ...view.backups]) {
        if (server === '' || view.syncing.includes(server)) continue;
        const isThatRun = replicas.get(server)?.incarnation === view.incarnations?.[server];
        if (!isThatRun || !this.#parts.isUp(server)) return false;
      }
    }
    return true;
  }

  /** Every server comes back with all that it had on its disk. */
  noDiskWasHarmed(servers: readonly string[]): boolean {
    return this.#parts.hasDisk && servers.every((server) => this.#parts.harmsOf(server) === 0);
  }

  /** (V14) A server left without a word about a loss, and no other one died meanwhile: so another one has to hold the data. */
  expectHeld(server: string): void {
    const { hasDisk, judge } = this.#parts;
    // What nobody could be promoted with was lost before, by whatever took the last one that could.
    if (judge.monitor !== undefined && !judge.monitor.safe.some((safe) => safe === server || this.#holdsItsSeat(safe)))
      return;
    const others = [...judge.replicas.values()].filter((replica) => replica.server !== server);
    if (hasDisk || others.some((replica) => judge.truth.isHeldBy(replica))) return;
    const message = `${server} left, said that nothing is lost, and no server that runs holds everything committed`;
    judge.violate('a server that leaves says what is lost', 'V14', message, server);
  }

  /** The monitor that runs has heard that server since its own start. */
  monitorHasHeard(server: string): boolean {
    const servers = this.#parts.monitorStatus()?.servers ?? [];
    return servers.some((sighting) => sighting.server === server && sighting.lastPingMs !== null);
  }

  /** Why there can be no service any more although nobody broke a rule; "" where there can. */
  reasonToHalt(): string {
    const status = this.#parts.monitorStatus();
    if (status === undefined) return '';
    const { waiting, safe, phase } = status;
    if (phase === 'recovering' && waiting.kind === 'reports') {
      const { replicas } = this.#parts.judge;
      if (waiting.servers.length === 0 && ![...replicas.values()].some(({ fulfilled }) => fulfilled > 0))
        return 'the monitor lost its state, and nobody has data';
      const gone = waiting.servers.filter((server) => (replicas.get(server)?.fulfilled ?? 0) === 0);
      return gone.length > 0 ? `the monitor lost its state, and ${gone.join(', ')} its data` : '';
    }
    if (phase !== 'serving' || this.#membersInSync().some((server) => this.#mayReturn(server))) return '';
    return safe.length === 0 ? 'nobody holds the data any more' : `all that held the data are gone: ${safe.join(', ')}`;
  }

  /** Servers whose state is to be the same: the primary and every backup that has everything. */
  get inSync(): readonly ReplicaInspection[] {
    return this.#membersInSync().flatMap((server) => this.#parts.judge.replicas.get(server) ?? []);
  }

  /** Members of the view that hold everything, whatever the monitor thinks of them. */
  #membersInSync(): readonly string[] {
    const view = this.#parts.judge.monitor?.view;
    if (view === undefined) return [];
    return [view.primary, ...view.backups].filter((server) => !view.syncing.includes(server));
  }

  #holdsItsSeat(server: string): boolean {
    const { monitor, replicas } = this.#parts.judge;
    const seat = monitor?.seats.find((candidate) => candidate.server === server);
    const isThatRun = seat !== undefined && seat.incarnation === replicas.get(server)?.incarnation;
    return isThatRun && this.#parts.isUp(server);
  }

  /**
   * It holds its seat, or comes back with what is on its disk. A disk that a fault has harmed may hold less than the
   * seat had.
   */
  #mayReturn(server: string): boolean {
    if (this.#holdsItsSeat(server)) return true;
    const seat = this.#parts.judge.monitor?.seats.find((candidate) => candidate.server === server);
    if (seat?.lostData === true && this.#parts.harmsOf(server) > 0) return false;
    return this.#parts.hasDisk && (this.#parts.judge.replicas.get(server)?.fulfilled ?? 1) > 0;
  }
}

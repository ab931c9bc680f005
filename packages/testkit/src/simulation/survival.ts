/**
 * Tells what a cluster can lose without losing committed data, and whether there can be service after what it has lost.
 * The faults use it so that they do not destroy the last copy of the data.
 */
import type { ReplicaInspection } from '@understudy/kvservice';
import type { MonitorStatus } from '@understudy/sysmonitor';
import type { Judge } from './judge.ts';

export interface SurvivalParts {
  readonly judge: Judge;
  /** Servers and monitor keep their state on disk. */
  readonly hasDisk: boolean;
  /** How often a fault changed the disk of the server with this address. */
  readonly harmsOf: (server: string) => number;
  /** The server with this address runs, and was not asked to leave. */
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
   * Whether losing this server's data loses nothing committed, because the monitor knows another server that is safe to
   * promote. Two such losses at once are one too many.
   */
  maySpare(server: string): boolean {
    const { monitor: state, replicas } = this.#parts.judge;
    // While no monitor knows a view, only servers that hold nothing may be lost.
    if (state === undefined) return replicas.get(server)?.fulfilled === 0;
    if (!state.safe.includes(server)) return true;
    return state.safe.some((other) => other !== server && this.#holdsItsSeat(other));
  }

  /** Whether the live servers can report everything that a monitor without state must know (V12). */
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

  /** Every server returns with everything that was on its disk. */
  noDiskWasHarmed(servers: readonly string[]): boolean {
    return this.#parts.hasDisk && servers.every((server) => this.#parts.harmsOf(server) === 0);
  }

  /**
   * (V14) A server left without reporting a loss, and no other server died meanwhile. So another server must hold the
   * data.
   */
  expectHeld(server: string): void {
    const { hasDisk, judge } = this.#parts;
    // If no server could be promoted, the data was lost earlier, with the last server that held it.
    if (judge.monitor !== undefined && !judge.monitor.safe.some((safe) => safe === server || this.#holdsItsSeat(safe)))
      return;
    const others = [...judge.replicas.values()].filter((replica) => replica.server !== server);
    if (hasDisk || others.some((replica) => judge.truth.isHeldBy(replica))) return;
    const message = `${server} left, said that nothing is lost, and no server that runs holds everything committed`;
    judge.violate('a server that leaves says what is lost', 'V14', message, server);
  }

  /** The running monitor has heard this server since its own start. */
  monitorHasHeard(server: string): boolean {
    const servers = this.#parts.monitorStatus()?.servers ?? [];
    return servers.some((sighting) => sighting.server === server && sighting.lastPingMs !== null);
  }

  /** Why there can be no service although no rule was broken; "" if there can be. */
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

  /** The servers whose state must be equal: the primary and every backup that holds everything. */
  get inSync(): readonly ReplicaInspection[] {
    return this.#membersInSync().flatMap((server) => this.#parts.judge.replicas.get(server) ?? []);
  }

  /** The members of the view that are not syncing, including those that the monitor counts as dead. */
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
   * The server holds its seat, or returns with its disk. A disk that a fault changed may hold less than the seat had.
   */
  #mayReturn(server: string): boolean {
    if (this.#holdsItsSeat(server)) return true;
    const seat = this.#parts.judge.monitor?.seats.find((candidate) => candidate.server === server);
    if (seat?.lostData === true && this.#parts.harmsOf(server) > 0) return false;
    return this.#parts.hasDisk && (this.#parts.judge.replicas.get(server)?.fulfilled ?? 1) > 0;
  }
}

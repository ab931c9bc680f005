/**
 * Checks made once the faults are over: the service answers, the servers hold the same state, nothing is left over, and
 * the histories are linearizable.
 */
import { type CheckResult, checkLinearizable } from '../checker/check.ts';
import type { History } from '../checker/history.ts';
import type { SimulatedWorld } from '../world/simulated-world.ts';
import type { Cluster } from './cluster.ts';
import type { Judge } from './judge.ts';

/** The clients of a run: the built-in workload, or a user's code. */
export interface Served {
  readonly liveness: Liveness;
  /** True if every client got an answer to an operation that it began at `since` or later, in virtual milliseconds. */
  areServed(since: number): boolean;
  /** The names of the clients that got none. */
  unserved(since: number): readonly string[];
}

/** What is expected of the clients once the faults are over. */
export interface Liveness {
  readonly property: string;
  /** The text for clients that do not meet the expectation. */
  readonly broken: string;
}

export interface AftermathParts {
  readonly world: SimulatedWorld;
  readonly cluster: Cluster;
  readonly judge: Judge;
}

/**
 * Virtual milliseconds after the faults within which every client must get an answer and every backup must catch up.
 */
const WITHIN_MS = 10_000;

export class Aftermath {
  readonly #world: SimulatedWorld;
  readonly #cluster: Cluster;
  readonly #judge: Judge;

  constructor({ world, cluster, judge }: AftermathParts) {
    this.#world = world;
    this.#cluster = cluster;
    this.#judge = judge;
  }

  /**
   * Checks liveness. Returns the reason if there can be no service although no rule was broken; "" if there is service.
   */
  async expectAnswers(clients: Served): Promise<string> {
    const since = this.#world.now;
    if (await this.#within(() => clients.areServed(since))) return '';
    const reason = this.#cluster.survival.reasonToHalt();
    if (reason === '') {
      const who = clients.unserved(since).join(', ');
      const view = JSON.stringify(this.#judge.monitor?.view);
      const { property, broken } = clients.liveness;
      this.#judge.violate(property, '', `${who}: ${broken} within ${WITHIN_MS} ms; view ${view}`);
    }
    return reason;
  }

  /** Checks that all servers that hold everything have the same state and sessions. */
  async expectSameState(): Promise<void> {
    const { survival } = this.#cluster;
    const areLevel = () => new Set(survival.inSync.map(({ commitIndex }) => commitIndex)).size <= 1;
    if (!(await this.#within(areLevel))) {
      const where = survival.inSync.map(({ server, commitIndex }) => `${server} at ${commitIndex}`).join(', ');
      return this.#judge.violate('backups keep up', 'R5', `nothing is written any more, and still ${where}`);
    }
    const states = survival.inSync.map((replica) => ({ server: replica.server, state: replica.fingerprint() }));
    if (new Set(states.map(({ state }) => state)).size <= 1) return;
    const told = states.map(({ server, state }) => `${server}: ${state}`).join('; ');
    this.#judge.violate('servers in sync hold the same', 'R5, R7, S4', told);
  }

  /** Call this once every process has ended properly. */
  expectTidiness(): void {
    for (const { name, alive, leftovers } of this.#world.processes) {
      const { timers, calls, listeners } = leftovers;
      if (!alive || timers + calls + listeners.length === 0) continue;
      const what = `${timers} timers, ${calls} calls, listens at [${listeners}]`;
      this.#judge.violate('nothing is left over', '', `${name}: ${what}`);
    }
    for (const { process: name, method, error } of this.#world.network.defects) {
      this.#judge.violate('no request runs into a defect', '', `${name} ${method}: ${error}`);
    }
  }

  expectLinearizable(history: History): CheckResult {
    const result = checkLinearizable(history);
    if (result.verdict === 'violation') {
      this.#judge.violate('histories are linearizable', 'R5, R6, L1 to L5, S3', result.violation?.text ?? '');
    }
    return result;
  }

  async #within(holds: () => boolean): Promise<boolean> {
    const since = this.#world.now;
    while (!holds()) {
      if (this.#world.now - since > WITHIN_MS) return false;
      await new Promise<void>((resolve) => this.#world.at(20, resolve));
    }
    return true;
  }
}

/** What has to hold once the faults are over: the service answers, servers agree, nothing is left over, histories are linearizable. */
import { type CheckResult, checkLinearizable } from '../checker/check.ts';
import type { History } from '../checker/history.ts';
import type { SimulatedWorld } from '../world/simulated-world.ts';
import type { Cluster } from './cluster.ts';
import type { Judge } from './judge.ts';

/** Those who are to be served: the built-in workload, or a user's code. */
export interface Served {
  readonly liveness: Liveness;
  /** Every client has had an answer to something that it began at `since` or later, in virtual milliseconds. */
  areServed(since: number): boolean;
  /** Names of those that have not. */
  unserved(since: number): readonly string[];
}

/** What is expected of those who are served when the faults are over. */
export interface Liveness {
  readonly property: string;
  /** Said of those for whom it does not hold. */
  readonly broken: string;
}

export interface AftermathParts {
  readonly world: SimulatedWorld;
  readonly cluster: Cluster;
  readonly judge: Judge;
}

/** Virtual milliseconds after the faults within which every client has to have an answer, and every backup to be level. */
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

  /** Liveness. Gives why there can be no service any more although nobody broke a rule; "" where there is. */
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

  /** State and sessions are the same on all servers that hold everything. */
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

  /** To be called when everybody has ended properly. */
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

/**
 * Turns state into notices when it changes, and suppresses repetitions, so that the log has one line per change instead
 * of one per ping.
 */
import type { MonitorNotice } from '../notice.ts';
import type { Condition, Waiting } from '../status.ts';
import { conditionOf, type Facts, roleIn } from './status.ts';

/** The number of refusals remembered, so that they are not reported again at every ping. */
const MAX_REFUSALS = 1_000;

export class Watch {
  readonly #conditions = new Map<string, Condition>();
  readonly #said = new Set<string>();
  #waiting = '';

  /** One notice for each of these servers whose condition changed. */
  servers(facts: Facts, servers: readonly string[]): readonly MonitorNotice[] {
    this.#forget(facts);
    return servers.flatMap((server): readonly MonitorNotice[] => {
      if (facts.roster.find(server) === undefined) return [];
      const condition = conditionOf(facts, server);
      if (this.#conditions.get(server) === condition) return [];
      // A server that only counts as heard (V10) may not be there.
      if (condition === 'alive' && !facts.roster.wasHeard(server, facts.now)) return [];
      this.#conditions.set(server, condition);
      return [{ kind: 'server', server, role: roleIn(facts.view, server), condition }];
    });
  }

  /** A notice if there is no service and the reason changed. */
  waiting(waiting: Waiting): readonly MonitorNotice[] {
    const key = `${waiting.kind} ${waiting.servers.join()}`;
    if (key === this.#waiting) return [];
    this.#waiting = key;
    const serviceIsDown = ['survivors', 'first-server', 'reports', 'data'].includes(waiting.kind);
    return serviceIsDown ? [{ kind: 'waiting', waiting }] : [];
  }

  /** The notice itself, unless the same notice was given before for that server. */
  once(notice: MonitorNotice): readonly MonitorNotice[] {
    if (notice.kind !== 'conflict' && notice.kind !== 'foreign') return [notice];
    const key = JSON.stringify(notice);
    if (this.#said.has(key)) return [];
    if (this.#said.size >= MAX_REFUSALS) this.#said.clear();
    this.#said.add(key);
    return [notice];
  }

  #forget({ roster }: Facts): void {
    if (this.#conditions.size <= roster.servers.length) return;
    for (const server of this.#conditions.keys())
      if (roster.find(server) === undefined) this.#conditions.delete(server);
  }
}

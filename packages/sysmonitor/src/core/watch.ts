/** The watch: says what has changed, and says it once. */
import type { MonitorNotice } from '../notice.ts';
import type { Condition, Waiting } from '../status.ts';
import { conditionOf, type Facts, roleIn } from './status.ts';

/** Refusals that are remembered, so as not to be told at every ping. */
const MAX_REFUSALS = 1_000;

export class Watch {
  readonly #conditions = new Map<string, Condition>();
  readonly #said = new Set<string>();
  #waiting = '';

  /** A notice for each of these servers whose condition is not what it was. */
  servers(facts: Facts, servers: readonly string[]): readonly MonitorNotice[] {
    this.#forget(facts);
    return servers.flatMap((server): readonly MonitorNotice[] => {
      if (facts.roster.find(server) === undefined) return [];
      const condition = conditionOf(facts, server);
      if (this.#conditions.get(server) === condition) return [];
      // To count as heard (V10) is not to be here.
      if (condition === 'alive' && !facts.roster.wasHeard(server, facts.now)) return [];
      this.#conditions.set(server, condition);
      return [{ kind: 'server', server, role: roleIn(facts.view, server), condition }];
    });
  }

  /** A notice when there is no service, and the reason is not what it was. */
  waiting(waiting: Waiting): readonly MonitorNotice[] {
    const key = `${waiting.kind} ${waiting.servers.join()}`;
    if (key === this.#waiting) return [];
    this.#waiting = key;
    const serviceIsDown = ['survivors', 'first-server', 'reports', 'data'].includes(waiting.kind);
    return serviceIsDown ? [{ kind: 'waiting', waiting }] : [];
  }

  /** The notice itself, unless it repeats what was said before of the same server. */
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

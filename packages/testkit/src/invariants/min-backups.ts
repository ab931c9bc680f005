/** A primary appends no write to its log while fewer than `minBackups` backups hold the data (R11). */
import type { Invariant, ObservedStep } from './invariant.ts';

export class MinBackups implements Invariant {
  readonly property = 'no write is taken while too few backups hold the data';
  readonly rules = 'R11';
  readonly looksAt = 'log';
  readonly #minBackups: number;

  constructor(minBackups: number) {
    this.#minBackups = minBackups;
  }

  onReplica({ requests, replica, change }: ObservedStep): string | undefined {
    if (change === undefined || replica.role !== 'primary' || replica.countedBackups >= this.#minBackups)
      return undefined;
    const asked = new Set(requests.map((request) => (request.kind === 'write' ? request.operation : undefined)));
    for (let index = change.appended.from; index <= change.appended.to; index++) {
      const entry = replica.entryAt(index);
      if (entry === undefined || !asked.has(entry.operation)) continue;
      const backups = `${replica.countedBackups} backups of at least ${this.#minBackups}`;
      return `${replica.server} took ${JSON.stringify(entry.operation)} with ${backups}`;
    }
    return undefined;
  }
}

/** What a siege did and saw, as numbers. */

export const COUNTED = [
  'rounds',
  'clusters',
  'stops',
  'kills',
  'leaves',
  'totalCrashes',
  'damagedDirectories',
  'olderCopies',
  'monitorsWithoutState',
  'clockJumps',
  'cuts',
  'lossyLinks',
  'slowLinks',
  'flappingLinks',
  'resetConnections',
  'hostileAttacks',
  'withheldFaults',
  'operations',
  'unknownOutcomes',
  'viewChanges',
  'checkedHistories',
  'undecidedChecks',
] as const;

export type Counted = (typeof COUNTED)[number];

const WORDS: Readonly<Record<Counted, string>> = {
  rounds: 'rounds',
  clusters: 'clusters started',
  stops: 'stops (SIGSTOP)',
  kills: 'kills (SIGKILL)',
  leaves: 'leaves (SIGTERM)',
  totalCrashes: 'total crashes',
  damagedDirectories: 'data directories damaged',
  olderCopies: '  of these, older copies put back',
  monitorsWithoutState: 'monitors that lost their state',
  clockJumps: 'clock jumps',
  cuts: 'cuts of the network',
  lossyLinks: 'lossy links',
  slowLinks: 'slow links (delay, little bandwidth)',
  flappingLinks: 'flapping links',
  resetConnections: 'connections reset',
  hostileAttacks: 'attacks by a hostile client',
  withheldFaults: 'faults withheld: no other good copy',
  operations: 'operations recorded',
  unknownOutcomes: '  of these, with unknown outcome',
  viewChanges: 'view changes',
  checkedHistories: 'histories checked',
  undecidedChecks: '  of these, undecided',
};

export class Tally {
  readonly counts: Record<Counted, number>;
  readonly #failures = new Map<string, number>();
  #longestGapMs = 0;
  #largestBytes = 0;
  #slowestRecoveryMs = 0;

  constructor() {
    this.counts = Object.fromEntries(COUNTED.map((name) => [name, 0])) as Record<Counted, number>;
  }

  add(name: Counted, count = 1): void {
    this.counts[name] += count;
  }

  /** The same again is counted, and not told again. */
  fail(what: string): void {
    this.#failures.set(what, (this.#failures.get(what) ?? 0) + 1);
  }

  get failures(): readonly string[] {
    return [...this.#failures].map(([what, times]) => (times === 1 ? what : `${times} times: ${what}`));
  }

  /** How often something failed. */
  get failureCount(): number {
    return [...this.#failures.values()].reduce((sum, times) => sum + times, 0);
  }

  /** Between two answered writes, while clients wrote. */
  sawGap(ms: number): void {
    this.#longestGapMs = Math.max(this.#longestGapMs, ms);
  }

  /** Resident memory of one process. */
  sawMemory(bytes: number): void {
    this.#largestBytes = Math.max(this.#largestBytes, bytes);
  }

  /** From the end of the faults until every client had an answer. */
  sawRecovery(ms: number): void {
    this.#slowestRecoveryMs = Math.max(this.#slowestRecoveryMs, ms);
  }

  get figures(): Readonly<Record<string, number>> {
    return {
      ...this.counts,
      longestWithoutWriteMs: Math.round(this.#longestGapMs),
      slowestRecoveryMs: Math.round(this.#slowestRecoveryMs),
      largestProcessBytes: this.#largestBytes,
    };
  }

  /** For people: a name and a number each. */
  get rows(): readonly (readonly [string, string])[] {
    return [
      ...COUNTED.map((name) => [WORDS[name], this.counts[name].toLocaleString('en')] as const),
      ['longest time without an answered write', `${(this.#longestGapMs / 1_000).toFixed(1)} s`],
      ['slowest recovery after the faults of a round', `${(this.#slowestRecoveryMs / 1_000).toFixed(1)} s`],
      ['largest resident memory of a process', `${Math.round(this.#largestBytes / 2 ** 20)} MiB`],
    ];
  }
}

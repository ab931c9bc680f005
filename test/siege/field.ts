/** What faults work on: the cluster, and who is in whose way. Two faults never handle one process at the same time. */
import type { SeededRandom } from '@understudy/testkit';
import type { Clocks } from './clocks.ts';
import type { SiegeCluster } from './cluster.ts';
import { Custody } from './custody.ts';
import type { Member } from './member.ts';
import type { Tally } from './tally.ts';

/** A copy of a data directory, made while its server stood still. */
export interface OlderCopy {
  readonly path: string;
  readonly viewnum: number;
  /** The last entry of the log in it. */
  readonly index: number;
}

export interface FieldParts {
  readonly cluster: SiegeCluster;
  readonly tally: Tally;
  readonly clocks: Clocks | undefined;
  /** Tells what happens, for the log of the siege. */
  readonly tell: (text: string) => void;
}

export class Field {
  readonly cluster: SiegeCluster;
  readonly tally: Tally;
  readonly clocks: Clocks | undefined;
  readonly custody: Custody;
  readonly copies = new Map<Member, OlderCopy>();
  readonly tell: (text: string) => void;
  readonly #taken = new Set<Member>();
  #destruction: Promise<unknown> = Promise.resolve();
  #peace: Promise<unknown> = Promise.resolve();

  constructor({ cluster, tally, clocks, tell }: FieldParts) {
    this.cluster = cluster;
    this.tally = tally;
    this.clocks = clocks;
    this.tell = tell;
    this.custody = new Custody(cluster);
  }

  /** Members that no other fault handles, and that live. */
  get free(): readonly Member[] {
    return this.cluster.members.filter((member) => member.isAlive && !this.#taken.has(member));
  }

  get freeServers(): readonly Member[] {
    return this.free.filter((member) => member !== this.cluster.monitor);
  }

  /** Handles these members alone; does nothing where somebody else handles one of them. */
  async handle(members: readonly Member[], work: () => Promise<void>): Promise<void> {
    if (members.some((member) => this.#taken.has(member))) return;
    for (const member of members) this.#taken.add(member);
    try {
      await work();
    } finally {
      for (const member of members) this.#taken.delete(member);
    }
  }

  /** Whoever destroys a copy of the data does so while nobody else does. */
  destroying<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#destruction.then(work);
    this.#destruction = done.catch(() => {});
    return done;
  }

  /** No fault begins until the work is done. */
  peace<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#peace.then(work);
    this.#peace = done.catch(() => {});
    return done;
  }

  /** Resolves when a fault may begin. */
  get mayBegin(): Promise<unknown> {
    return this.#peace;
  }

  /** Nothing else is wrong at the moment. */
  isCalmBut(members: readonly Member[]): boolean {
    const isAsItShouldBe = (member: Member) => member.isAlive && !member.isStopped && !this.#taken.has(member);
    const others = this.cluster.members.filter((member) => !members.includes(member));
    return this.cluster.links.areClear && others.every(isAsItShouldBe);
  }
}

/** One kind of fault: strikes, lasts that long, and has undone everything when it resolves. */
export type Fault = (field: Field, random: SeededRandom, durationMs: number) => Promise<void>;

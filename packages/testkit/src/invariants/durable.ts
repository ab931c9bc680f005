/**
 * Everything that a server claims to hold is on its disk, and is there after a restart. The invariant follows the
 * writes that a server gives to its disk, and the confirmations that return. It does not ask the server's own journal,
 * so a bug there cannot hide itself.
 */
import type { ReplicaInspection } from '@understudy/kvservice';
import type { Invariant, ObservedStep } from './invariant.ts';

/** What one server has on its disk, as far as its writes show. It outlives the run. */
interface OnDisk {
  run: ReplicaInspection;
  /** The index of the last entry. */
  lastIndex: number;
  /** The highest view that the server had fulfilled. */
  fulfilled: number;
  /** Writes that were given to the disk and not yet confirmed, oldest first. */
  open: Given[];
  /** The value of `harmsOf` when this run began. */
  harms: number;
}

interface Given {
  readonly number: number;
  /** Entries from this index on are replaced; Infinity if none are. */
  readonly from: number;
  /** What the disk contains after the write; undefined if the write does not change it. */
  readonly lastIndex: number | undefined;
  readonly fulfilled: number | undefined;
}

type Persist = Extract<ObservedStep['effects'][number], { kind: 'persist' }>;

export class Durable implements Invariant {
  readonly property = 'what a server says to hold is on its disk';
  readonly rules = 'R9, V11';
  readonly #servers = new Map<string, OnDisk>();
  readonly #harmsOf: (server: string) => number;

  /** @param harmsOf How often a fault changed a server's disk: flipped a bit, emptied it, or restored an older copy. */
  constructor(harmsOf: (server: string) => number) {
    this.#harmsOf = harmsOf;
  }

  onReplica({ event, effects, replica, change }: ObservedStep): string | undefined {
    if (effects.length === 0 && change === undefined && event.kind !== 'persisted') return undefined;
    const known = this.#servers.get(replica.server);
    if (known?.run !== replica) return this.#begin(replica, known) ?? this.#note(replica, effects);
    if (event.kind === 'persisted') confirm(known, event.number);
    const accepted = acceptedBy(effects);
    const committed = replica.role === 'primary' ? committedBy(change) : 0;
    const wrong = this.#check(known, replica, accepted, committed);
    return wrong ?? this.#note(replica, effects);
  }

  /** A run begins with what the previous run had on disk, unless a fault changed the disk. */
  #begin(replica: ReplicaInspection, known: OnDisk | undefined): string | undefined {
    const { server, fulfilled, lastIndex } = replica;
    const harms = this.#harmsOf(server);
    this.#servers.set(server, { run: replica, lastIndex, fulfilled, open: [], harms });
    if (known === undefined || known.harms !== harms) return undefined;
    if (fulfilled < known.fulfilled)
      return `${server} had view ${known.fulfilled} on its disk, and comes back with view ${fulfilled}`;
    const sure = Math.min(known.lastIndex, ...known.open.map(({ from }) => from - 1));
    return lastIndex < sure
      ? `${server} had entries up to ${sure} on its disk, and comes back with entries up to ${lastIndex}`
      : undefined;
  }

  #check(disk: OnDisk, { server }: ReplicaInspection, accepted: number, committed: number): string | undefined {
    if (accepted > disk.lastIndex)
      return `${server} accepted entries up to ${accepted}, and has those up to ${disk.lastIndex} on its disk`;
    const sure = Math.min(disk.lastIndex, ...disk.open.map(({ from }) => from - 1));
    return committed > Math.max(0, sure)
      ? `${server} committed entry ${committed} as primary, and has those up to ${sure} on its disk`
      : undefined;
  }

  #note(replica: ReplicaInspection, effects: ObservedStep['effects']): undefined {
    const disk = this.#servers.get(replica.server);
    for (const effect of effects) if (effect.kind === 'persist') disk?.open.push(givenBy(effect));
  }
}

function givenBy({ number, log, meta }: Persist): Given {
  const end = log === undefined ? undefined : log.from + log.entries.length - 1;
  // A transferred state leaves an empty log above its base.
  const lastIndex = end === undefined ? undefined : Math.max(end, meta?.base.index ?? 0);
  return { number, from: log?.from ?? Number.POSITIVE_INFINITY, lastIndex, fulfilled: meta?.fulfilled };
}

function confirm(disk: OnDisk, number: number): void {
  while (disk.open[0] !== undefined && disk.open[0].number <= number) {
    const given = disk.open.shift() as Given;
    disk.lastIndex = given.lastIndex ?? disk.lastIndex;
    disk.fulfilled = given.fulfilled ?? disk.fulfilled;
  }
}

/** The highest index committed in this step; 0 if none was. */
function committedBy(change: ObservedStep['change']): number {
  return change !== undefined && change.committed.to >= change.committed.from ? change.committed.to : 0;
}

/** The highest index that an answer claims as verified; 0 if there is none. */
function acceptedBy(effects: ObservedStep['effects']): number {
  let index = 0;
  for (const effect of effects)
    if (effect.kind === 'answer' && effect.answer.kind === 'accepted') index = Math.max(index, effect.answer.verified);
  return index;
}

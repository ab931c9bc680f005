/** What may be seen of a replica from outside, for simulations, checks and traces: everything that matters, and nothing to change. */
import type { Position, View } from '@understudy/sysmonitor';
import type { MemoryStatus, ServerStatus } from '../contract.ts';
import { cellBytes } from './cell-bytes.ts';
import type { Effect } from './effect.ts';
import type { Event } from './event.ts';
import { fnv1a32 } from './fnv.ts';
import { ALWAYS } from './lease.ts';
import { memoryStatus, sessionBytes } from './memory.ts';
import type { Entry } from './operation.ts';
import { countedBackups } from './primary.ts';
import { leaseOf } from './read.ts';
import type { ReplicaState } from './state.ts';

/** One step of a replica, told after it was taken and before its effects are carried out. */
export interface ReplicaStep {
  readonly event: Event;
  readonly effects: readonly Effect[];
  readonly replica: ReplicaInspection;
}

export class ReplicaInspection {
  readonly #state: ReplicaState;

  constructor(state: ReplicaState) {
    this.#state = state;
  }

  get server(): string {
    return this.#state.config.server;
  }

  get incarnation(): string {
    return this.#state.incarnation;
  }

  get role(): ServerStatus['role'] {
    return this.#state.role.kind;
  }

  /** A primary whose answers may leave (L2, R6). */
  get serving(): boolean {
    return this.#state.role.kind === 'primary' && this.#state.role.serving;
  }

  /** The newest view that it knows. */
  get view(): View {
    return this.#state.view;
  }

  /** The highest view that it has fulfilled; 0: it holds no data (V7). */
  get fulfilled(): number {
    return this.#state.fulfilled;
  }

  get leaving(): boolean {
    return this.#state.leaving !== undefined;
  }

  /** Of the last step, on the monotonic clock. */
  get now(): number {
    return this.#state.at.now;
  }

  /** At a primary: backups that hold the data; elsewhere 0. */
  get countedBackups(): number {
    const { role } = this.#state;
    return role.kind === 'primary' ? countedBackups(role) : 0;
  }

  /** Those of the state machine, by id. */
  *sessions(): IterableIterator<string> {
    for (const [id] of this.#state.machine.sessions.all()) yield id;
  }

  get commitIndex(): number {
    return this.#state.commitIndex;
  }

  /** Just below the first entry that it keeps. */
  get base(): Position {
    return this.#state.log.base;
  }

  get lastIndex(): number {
    return this.#state.log.lastIndex;
  }

  /** Undefined: not kept, or not there yet. */
  entryAt(index: number): Entry | undefined {
    return this.#state.log.at(index);
  }

  /** As `entryAt`; also of the base. */
  viewnumAt(index: number): number | undefined {
    return this.#state.log.viewnumAt(index);
  }

  /** How often each thing has happened. */
  get counters(): Readonly<Record<string, number>> {
    return { ...this.#state.counters };
  }

  /** How many wait for their answers here, of each kind. */
  get queues(): { readonly writes: number; readonly reads: number; readonly localReads: number } {
    const { role, localReads } = this.#state;
    const primary = role.kind === 'primary' ? role : undefined;
    return {
      writes: primary?.pending.size ?? 0,
      reads: primary?.reads.length ?? 0,
      localReads: localReads.length,
    };
  }

  /** About how many bytes the writes take that wait. */
  get waitingWeight(): number {
    return this.#state.role.kind === 'primary' ? this.#state.role.pendingWeight : 0;
  }

  /** Milliseconds on the clock of the steps until which a primary may answer reads alone (L3); undefined: it needs no lease, or is no primary. */
  get leaseUntil(): number | undefined {
    const { role } = this.#state;
    if (role.kind !== 'primary') return undefined;
    const lease = leaseOf(role);
    return lease === ALWAYS ? undefined : lease.now;
  }

  /** Until when this server has promised others not to act (L1), on the same clock. */
  get promisedUntil(): number {
    return this.#state.promises.lastToOthers(this.incarnation);
  }

  /** About how many bytes the log takes. */
  get logWeight(): number {
    return this.#state.log.weight;
  }

  /** How much it holds by its own count, how much it may hold, and whether it takes more (M1, M2). */
  get memory(): MemoryStatus {
    return memoryStatus(this.#state);
  }

  /** How many bytes of that are sessions and their remembered results, counted once. */
  get sessionBytes(): number {
    return sessionBytes(this.#state.machine);
  }

  /** Backups that count and have told this primary that they are full (M2). */
  get fullBackups(): readonly string[] {
    const { role } = this.#state;
    if (role.kind !== 'primary') return [];
    return [...role.backups.values()].filter(({ counted, isFull }) => counted && isFull).map(({ server }) => server);
  }

  /** By how many bytes the running count of keys and values differs from a new count (M1). Takes time with all keys. */
  miscount(): number {
    const { machine } = this.#state;
    let bytes = 0;
    for (const [key, { value }] of machine.cells.ascending()) bytes += cellBytes(key, value);
    return machine.bytes - bytes;
  }

  /** UTF-16 units of values in all remembered results. */
  get rememberedText(): number {
    return this.#state.machine.sessions.textUnits;
  }

  /** A session with more text in its results than it may have (S9), if there is one. Takes time with the sessions. */
  get overfullSession(): string | undefined {
    return this.#state.machine.sessions.overfull();
  }

  /** The same for equal keys, values, revisions, sessions and remembered results. Takes time with all of them. */
  fingerprint(): string {
    const { cells, sessions } = this.#state.machine;
    let hash = 0;
    const mix = (part: unknown) => {
      hash = fnv1a32(`${hash}${JSON.stringify(part)}`);
    };
    for (const [key, { value, revision }] of cells.ascending()) mix([key, value, revision]);
    for (const [id, { client, acked, results, textAt }] of sessions.all()) {
      mix([id, client, acked, textAt, [...results].sort(([one], [other]) => one - other)]);
    }
    return `${cells.size} keys, ${sessions.size} sessions, ${hash.toString(16).padStart(8, '0')}`;
  }
}

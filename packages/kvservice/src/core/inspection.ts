/**
 * A read-only view of a replica, for simulations, checks and traces. They need to see the whole state, but a check that
 * could change it would prove nothing.
 */
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

/** One step of a replica, reported after the step and before its effects are carried out. */
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

  /** True for a primary that may answer (L2, R6). */
  get serving(): boolean {
    return this.#state.role.kind === 'primary' && this.#state.role.serving;
  }

  /** The newest view that the server knows. */
  get view(): View {
    return this.#state.view;
  }

  /** The highest view that the server has fulfilled; 0 if it holds no data (V7). */
  get fulfilled(): number {
    return this.#state.fulfilled;
  }

  get leaving(): boolean {
    return this.#state.leaving !== undefined;
  }

  /** The time of the last step, on the monotonic clock. */
  get now(): number {
    return this.#state.at.now;
  }

  /** The number of backups that count at a primary; 0 on any other server. */
  get countedBackups(): number {
    const { role } = this.#state;
    return role.kind === 'primary' ? countedBackups(role) : 0;
  }

  /** The ids of the sessions in the state machine. */
  *sessions(): IterableIterator<string> {
    for (const [id] of this.#state.machine.sessions.all()) yield id;
  }

  get commitIndex(): number {
    return this.#state.commitIndex;
  }

  /** The position just below the first entry in the log. */
  get base(): Position {
    return this.#state.log.base;
  }

  get lastIndex(): number {
    return this.#state.log.lastIndex;
  }

  /** Undefined if the entry was dropped or does not exist yet. */
  entryAt(index: number): Entry | undefined {
    return this.#state.log.at(index);
  }

  /** As `entryAt`, and also for the base. */
  viewnumAt(index: number): number | undefined {
    return this.#state.log.viewnumAt(index);
  }

  /** How often each event has happened. */
  get counters(): Readonly<Record<string, number>> {
    return { ...this.#state.counters };
  }

  /** The number of waiting requests of each kind. */
  get queues(): { readonly writes: number; readonly reads: number; readonly localReads: number } {
    const { role, localReads } = this.#state;
    const primary = role.kind === 'primary' ? role : undefined;
    return {
      writes: primary?.pending.size ?? 0,
      reads: primary?.reads.length ?? 0,
      localReads: localReads.length,
    };
  }

  /** The approximate size of the waiting writes, in bytes. */
  get waitingWeight(): number {
    return this.#state.role.kind === 'primary' ? this.#state.role.pendingWeight : 0;
  }

  /**
   * Until when a primary may answer reads alone, in milliseconds on the clock of the steps (L3). Undefined if it needs
   * no lease, or is not primary.
   */
  get leaseUntil(): number | undefined {
    const { role } = this.#state;
    if (role.kind !== 'primary') return undefined;
    const lease = leaseOf(role);
    return lease === ALWAYS ? undefined : lease.now;
  }

  /** Until when this server has promised other primaries not to act (L1), on the same clock. */
  get promisedUntil(): number {
    return this.#state.promises.lastToOthers(this.incarnation);
  }

  /** The approximate size of the log, in bytes. */
  get logWeight(): number {
    return this.#state.log.weight;
  }

  /** The memory in use by the server's own count, its limit, and whether it accepts more data (M1, M2). */
  get memory(): MemoryStatus {
    return memoryStatus(this.#state);
  }

  /** The bytes of that which sessions and remembered results take, counted once. */
  get sessionBytes(): number {
    return sessionBytes(this.#state.machine);
  }

  /** The counting backups that have reported that they are full (M2). */
  get fullBackups(): readonly string[] {
    const { role } = this.#state;
    if (role.kind !== 'primary') return [];
    return [...role.backups.values()].filter(({ counted, isFull }) => counted && isFull).map(({ server }) => server);
  }

  /** The difference in bytes between the running count of keys and values and a fresh count (M1). Scans all keys. */
  miscount(): number {
    const { machine } = this.#state;
    let bytes = 0;
    for (const [key, { value }] of machine.cells.ascending()) bytes += cellBytes(key, value);
    return machine.bytes - bytes;
  }

  /** The UTF-16 units of values in all remembered results. */
  get rememberedText(): number {
    return this.#state.machine.sessions.textUnits;
  }

  /** A session whose results hold more text than allowed (S9), or undefined. Scans all sessions. */
  get overfullSession(): string | undefined {
    return this.#state.machine.sessions.overfull();
  }

  /**
   * A digest of keys, values, revisions, sessions and remembered results, equal for equal states. Scans all of them.
   */
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

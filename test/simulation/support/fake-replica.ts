/** A replica that shows whatever a test wants, for what looks at replicas from outside. */
import type { Effect, Event, MemoryStatus, Operation, ReplicaInspection } from '@understudy/kvservice';
import type { View } from '@understudy/sysmonitor';

export interface Shown {
  readonly server: string;
  readonly incarnation?: string;
  readonly role?: 'idle' | 'primary' | 'backup';
  readonly viewnum?: number;
  /** The viewnum of each entry, from the first index above the base on. */
  readonly log?: readonly number[];
  readonly base?: { readonly viewnum: number; readonly index: number };
  readonly commitIndex?: number;
  readonly fulfilled?: number;
  readonly logWeight?: number;
  /** Of `MAX_BYTES`. */
  readonly heldBytes?: number;
  readonly fullBackups?: readonly string[];
  readonly miscount?: number;
  /** What each entry is, if it is not to be a put. */
  readonly operation?: Operation;
  /** What the entries put. */
  readonly value?: string;
  /** What entries are instead of a put, by index. */
  readonly operations?: Readonly<Record<number, object>>;
  /** The session that an entry came in, by index. */
  readonly origins?: Readonly<Record<number, string>>;
  readonly now?: number;
  readonly serving?: boolean;
  readonly countedBackups?: number;
  readonly sessions?: readonly string[];
}

/** What each may hold. */
export const MAX_BYTES = 1_000;

export class FakeReplica {
  #shown: Shown;

  constructor(shown: Shown) {
    this.#shown = shown;
  }

  show(shown: Partial<Shown>): this {
    this.#shown = { ...this.#shown, ...shown };
    return this;
  }

  get inspection(): ReplicaInspection {
    return this as unknown as ReplicaInspection;
  }

  get server(): string {
    return this.#shown.server;
  }

  get incarnation(): string {
    return this.#shown.incarnation ?? `${this.server}#1`;
  }

  get role(): 'idle' | 'primary' | 'backup' {
    return this.#shown.role ?? 'backup';
  }

  get view(): View {
    const { viewnum = 1 } = this.#shown;
    return { viewnum, primary: 'a:1', backups: ['b:1'], syncing: [], cluster: 'cluster' };
  }

  get commitIndex(): number {
    return this.#shown.commitIndex ?? 0;
  }

  get fulfilled(): number {
    return this.#shown.fulfilled ?? 0;
  }

  get now(): number {
    return this.#shown.now ?? 0;
  }

  get serving(): boolean {
    return this.#shown.serving ?? false;
  }

  get leaving(): boolean {
    return false;
  }

  get countedBackups(): number {
    return this.#shown.countedBackups ?? 0;
  }

  *sessions(): IterableIterator<string> {
    yield* this.#shown.sessions ?? [];
  }

  get logWeight(): number {
    return this.#shown.logWeight ?? 0;
  }

  get memory(): MemoryStatus {
    return { heldBytes: this.#shown.heldBytes ?? 0, maxBytes: MAX_BYTES, full: false };
  }

  get fullBackups(): readonly string[] {
    return this.#shown.fullBackups ?? [];
  }

  get sessionBytes(): number {
    return 0;
  }

  get rememberedText(): number {
    return 0;
  }

  get overfullSession(): undefined {
    return undefined;
  }

  miscount(): number {
    return this.#shown.miscount ?? 0;
  }

  get base(): { readonly viewnum: number; readonly index: number } {
    return this.#shown.base ?? { viewnum: 0, index: 0 };
  }

  get lastIndex(): number {
    return this.base.index + (this.#shown.log?.length ?? 0);
  }

  viewnumAt(index: number): number | undefined {
    return index === this.base.index ? this.base.viewnum : this.#shown.log?.[index - this.base.index - 1];
  }

  entryAt(index: number): object | undefined {
    const viewnum = index > this.base.index ? this.viewnumAt(index) : undefined;
    const put = { kind: 'put', key: 'k', value: this.#shown.value ?? String(index) };
    const operation = this.#shown.operations?.[index] ?? this.#shown.operation ?? put;
    const session = this.#shown.origins?.[index];
    const origin = session === undefined ? {} : { origin: { session, seq: 1, acked: 0 } };
    return viewnum === undefined ? undefined : { viewnum, operation, ...origin };
  }
}

export const TURN_END: Event = { kind: 'turn-end' };

/** An event that only says that a transfer came. */
export const CHUNK = { kind: 'message', message: { kind: 'chunk' } } as unknown as Event;

export function read(requester: object, consistency?: 'sequential', atLeast?: number): Event {
  return { kind: 'read', requester, query: { kind: 'get', key: 'k' }, consistency, atLeast };
}

export function write(requester: object, seq: number): Event {
  const operation = { kind: 'put', key: 'k', value: 'v' } as const;
  return { kind: 'write', requester, operation, origin: { session: 's', seq, acked: 0 } };
}

export function result(requester: object, value: object): Effect {
  return { kind: 'result', requester, result: value };
}

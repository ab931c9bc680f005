/**
 * A server holds no more than it may, and refuses writes for lack of room only if there is none (M1, M2). The server's
 * own count is checked too. It is kept by a few additions per operation, so an operation that it leaves out shows only
 * when everything is counted anew.
 */
import type { Operation, ReplicaInspection } from '@understudy/kvservice';
import type { Invariant, ObservedStep } from './invariant.ts';

export interface MemoryParts {
  /** Bytes of operations that may wait at a primary. */
  readonly pendingWeight: number;
  /** Roughly the bytes of the largest entry. */
  readonly entryWeight: number;
}

/** Below this share of its limit, a server is never full. */
const ROOM = 0.85;
/** Keys take bytes of their own in addition to their texts. */
const OVERHEAD = 0.1;
/** The number of commits between two full counts. */
const COUNT_EACH = 8;

export class Memory implements Invariant {
  readonly property = 'servers hold no more than they may, and refuse writes only then';
  readonly rules = 'M1, M2, M3';
  readonly #parts: MemoryParts;
  /** Servers that were above the mark at some time. */
  readonly #wereFull = new Set<string>();
  /**
   * Servers that took a whole state. The state alone may take the whole limit, and its second copy as much again (M3).
   */
  readonly #tookState = new Set<string>();
  /** What each server held after its last step. */
  readonly #held = new Map<string, number>();
  /** Primaries that knew, after their last step, that a backup that counts is full. */
  readonly #haveFullBackup = new WeakSet<ReplicaInspection>();

  constructor(parts: MemoryParts) {
    this.#parts = parts;
  }

  onReplica(step: ObservedStep): string | undefined {
    const { replica, change, requests, effects } = step;
    if (change === undefined && requests.length === 0 && effects.length === 0) return undefined;
    const { memory, server } = replica;
    // Pieces of a large entry may fill a backup, which reports it in an answer before its log has changed.
    if (memory.heldBytes > ROOM * memory.maxBytes) this.#wereFull.add(server);
    if (change === undefined && requests.length === 0) return undefined;
    const wrong = this.#refusal(step) ?? this.#taken(step);
    this.#held.set(server, memory.heldBytes);
    return wrong ?? (change === undefined ? undefined : this.#amount(replica, change.installed > 0));
  }

  #amount(replica: ReplicaInspection, hasTakenState: boolean): string | undefined {
    const { server, memory, commitIndex, logWeight, sessionBytes } = replica;
    const { heldBytes, maxBytes } = memory;
    if (hasTakenState) {
      this.#tookState.add(server);
      const dataBytes = (heldBytes - logWeight) / 2;
      if (dataBytes > maxBytes) return `${server} took a state of ${dataBytes} bytes, and may hold ${maxBytes}`;
    }
    if (hasTakenState || commitIndex % COUNT_EACH === 0) {
      const miscount = replica.miscount();
      if (miscount !== 0) return `${server} counts ${miscount} bytes more than its keys and values take`;
    }
    // Waiting operations are in the log too. Sessions and results have bounds of their own (S5, S9).
    const inFlight = 2 * (this.#parts.pendingWeight + this.#parts.entryWeight) + 2 * sessionBytes;
    const most = (this.#tookState.has(server) ? 2 : 1) * (1 + OVERHEAD) * maxBytes;
    if (heldBytes <= most + inFlight) return undefined;
    return `${server} holds ${heldBytes} bytes, and may hold ${maxBytes} and ${inFlight} in flight`;
  }

  /** A primary that knew both before and after a step that a backup is full accepts no operation that adds data. */
  #taken({ replica, requests, change }: ObservedStep): string | undefined {
    const knew = this.#haveFullBackup.has(replica);
    const [full] = replica.fullBackups;
    if (full === undefined) this.#haveFullBackup.delete(replica);
    else this.#haveFullBackup.add(replica);
    if (!knew || full === undefined || change === undefined) return undefined;
    const asked = requests.flatMap((request) => (request.kind === 'write' ? [request.operation] : []));
    for (let index = change.appended.from; index <= change.appended.to; index++) {
      const operation = replica.entryAt(index)?.operation;
      if (operation === undefined || !asked.includes(operation)) continue;
      if (needsNoRoom(operation)) continue;
      return `${replica.server} takes more data (${operation.kind}) although ${full}, which counts, is full`;
    }
    return undefined;
  }

  #refusal({ effects, requests, replica }: ObservedStep): string | undefined {
    const refusals = effects.some((effect) => effect.kind === 'failure' && effect.failure.name === 'NO_SPACE');
    if (!refusals) return undefined;
    // In one step, some operations may be accepted, the next one refused, and the accepted ones committed.
    const { memory } = replica;
    const before = this.#held.get(replica.server) ?? 0;
    const held = Math.max(before + 2 * this.#parts.entryWeight * requests.length, memory.heldBytes);
    for (const effect of effects) {
      if (effect.kind !== 'failure' || effect.failure.name !== 'NO_SPACE') continue;
      const request = requests.find(({ requester }) => requester === effect.requester);
      const { server, fullBackups } = replica;
      if (request?.kind !== 'write' || needsNoRoom(request.operation))
        return `${server} refuses for want of room what needs none: ${describe(request)}`;
      if (held > ROOM * memory.maxBytes) continue;
      if (!fullBackups.some((backup) => this.#wereFull.has(backup)))
        return `${server} refuses a write for want of room, and holds ${memory.heldBytes} of ${memory.maxBytes} bytes`;
    }
    return undefined;
  }
}

/** The operation deletes or ends something. That needs a session, so a session may always be opened. */
function needsNoRoom(operation: Operation): boolean {
  const { kind } = operation;
  return (
    kind === 'delete' ||
    kind === 'openSession' ||
    kind === 'expireSession' ||
    ((kind === 'cas' || kind === 'casRevision') && operation.value === null)
  );
}

function describe(request: ObservedStep['requests'][number] | undefined): string {
  if (request === undefined) return 'something that nobody asked';
  return request.kind === 'write' ? request.operation.kind : request.kind;
}

/**
 * Memory accounting: how much a server holds, how much it may hold, and whether it accepts more data (M1-M4).
 *
 * The memory is counted by a few additions per operation, not measured: the heap size depends on what the garbage
 * collector has done so far. The data counts twice. A transfer builds the new state beside the old one, and a snapshot
 * that is sent, read page by page or written to disk keeps the values overwritten meanwhile. Memory for both is
 * therefore always available. Snapshots that clients read are dropped at each commit until together they keep no more
 * than the data takes. The last of them stays: it may keep more than the present data, and then the excess counts.
 */
import type { MemoryStatus } from '../contract.ts';
import type { Operation } from './operation.ts';
import type { Role } from './role.ts';
import type { ReplicaState } from './state.ts';
import type { StateMachine } from './state-machine.ts';

/**
 * Shares of `maxBytes`. Above the first mark no more data is accepted, and below the second it is again. Two marks
 * avoid a change at every operation.
 */
const FULL = 0.9;
const ROOM_AGAIN = 0.85;

/** The approximate size of a session, and of a remembered result, besides their texts. */
export const SESSION_BYTES = 400;
export const RESULT_BYTES = 250;

/** The approximate size of keys, values and sessions, in bytes. */
export function dataBytes({ machine }: Pick<ReplicaState, 'machine'>): number {
  return machine.bytes + sessionBytes(machine);
}

/** The approximate size of sessions and remembered results, in bytes. */
export function sessionBytes({ sessions }: Pick<StateMachine, 'sessions'>): number {
  return SESSION_BYTES * sessions.size + RESULT_BYTES * sessions.remembered + 2 * sessions.textUnits;
}

/**
 * The memory of a server in bytes: its data twice, its log, the operations that wait to be applied, and large entries
 * sent in pieces.
 */
export function heldBytes(state: ReplicaState): number {
  const { log, role } = state;
  const waiting = role.kind === 'primary' ? role.pendingWeight : 0;
  const data = dataBytes(state);
  return log.weight + waiting + 2 * unitsInPieces(role) + data + Math.max(data, state.snapshots.keptBytes);
}

/** The UTF-16 units of JSON text that a primary cuts into pieces, or that a backup assembles. */
function unitsInPieces(role: Role): number {
  if (role.kind === 'backup') return role.assembly?.units ?? 0;
  if (role.kind !== 'primary') return 0;
  let units = 0;
  for (const { large } of role.backups.values()) if (large !== undefined) units += large.units;
  return units;
}

/** Checks whether there is room, using both marks, and reports a change. Returns true if there is room. */
export function checkRoom(state: ReplicaState): boolean {
  const { maxBytes } = state.config;
  const held = heldBytes(state);
  const isFull = held > maxBytes * (state.isFull ? ROOM_AGAIN : FULL);
  if (isFull === state.isFull) return !isFull;
  state.isFull = isFull;
  state.notice({ kind: isFull ? 'memory-full' : 'memory-free', heldBytes: held, maxBytes });
  return !isFull;
}

export function memoryStatus(state: ReplicaState): MemoryStatus {
  return { heldBytes: heldBytes(state), maxBytes: state.config.maxBytes, full: state.isFull };
}

/**
 * Why this operation is refused for lack of memory (M2); undefined if it is not. An operation that deletes or ends
 * something is always accepted. So is a new session, because a client needs one to delete anything; sessions have a
 * bound of their own, which keeps their share of the memory small.
 */
export function lackOfRoom(state: ReplicaState, operation: Operation): string | undefined {
  const { role, config } = state;
  if (!adds(operation)) return undefined;
  if (!checkRoom(state)) return noRoom(config.server);
  if (role.kind !== 'primary') return undefined;
  for (const { server, counted, isFull } of role.backups.values()) if (counted && isFull) return noRoom(server);
  return undefined;
}

/** Whether the part of a transfer received so far fits beside the data in use (M3). */
export function hasRoomForTransfer(state: ReplicaState, landed: Pick<ReplicaState, 'machine'>): boolean {
  return state.log.weight + dataBytes(state) + dataBytes(landed) <= state.config.maxBytes;
}

function noRoom(server: string): string {
  return `${server} has no memory left for more data: delete something, or give the servers more (--max-memory)`;
}

function adds(operation: Operation): boolean {
  switch (operation.kind) {
    case 'put':
    case 'append':
    case 'putHash':
      return true;
    case 'cas':
    case 'casRevision':
      return operation.value !== null;
    default:
      return false;
  }
}

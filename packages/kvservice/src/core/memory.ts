/**
 * Memory: how much a server holds, how much it may hold, and whether it takes more (M1-M4).
 *
 * What is held is counted and not measured: a few additions for each operation. What the heap shows at some moment depends on what has
 * been collected yet. The data counts twice: a transfer builds the new state beside the old one, and a moment that is sent, read page by
 * page or written to the disk keeps what is overwritten meanwhile. So none of these needs memory that is not there.
 */
import type { MemoryStatus } from '../contract.ts';
import type { Operation } from './operation.ts';
import type { Role } from './role.ts';
import type { ReplicaState } from './state.ts';
import type { StateMachine } from './state-machine.ts';

/** Of what may be held: above the first nothing more is taken, below the second it is again, so that this does not change with every operation. */
const FULL = 0.9;
const ROOM_AGAIN = 0.85;

/** About how many bytes a session, and a result that is remembered, take beside their texts. */
export const SESSION_BYTES = 400;
export const RESULT_BYTES = 250;

/** About how many bytes keys, values and sessions take. */
export function dataBytes({ machine }: Pick<ReplicaState, 'machine'>): number {
  return machine.bytes + sessionBytes(machine);
}

/** About how many bytes sessions and their remembered results take. */
export function sessionBytes({ sessions }: Pick<StateMachine, 'sessions'>): number {
  return SESSION_BYTES * sessions.size + RESULT_BYTES * sessions.remembered + 2 * sessions.textUnits;
}

/**
 * What a server holds: its data twice, its log, what waits to be applied to the data, and large entries that travel in
 * pieces.
 */
export function heldBytes(state: ReplicaState): number {
  const { log, role } = state;
  const waiting = role.kind === 'primary' ? role.pendingWeight : 0;
  return log.weight + waiting + 2 * unitsInPieces(role) + 2 * dataBytes(state);
}

/** UTF-16 units of JSON text that a primary cuts into pieces for its backups, or that a backup puts together. */
function unitsInPieces(role: Role): number {
  if (role.kind === 'backup') return role.assembly?.units ?? 0;
  if (role.kind !== 'primary') return 0;
  let units = 0;
  for (const { large } of role.backups.values()) if (large !== undefined) units += large.units;
  return units;
}

/** Looks whether there is room, with the distance between the two marks. Says so when that has changed. */
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
 * Why this operation cannot be taken now (M2); undefined: it can. What deletes, or ends something, always can. So can a
 * new session, because a client needs one to delete anything: sessions have a bound of their own, in which they take a
 * small share of the memory.
 */
export function lackOfRoom(state: ReplicaState, operation: Operation): string | undefined {
  const { role, config } = state;
  if (!adds(operation)) return undefined;
  if (!checkRoom(state)) return noRoom(config.server);
  if (role.kind !== 'primary') return undefined;
  for (const { server, counted, isFull } of role.backups.values()) if (counted && isFull) return noRoom(server);
  return undefined;
}

/** Whether a transfer of so many bytes so far fits beside what is here (M3). */
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

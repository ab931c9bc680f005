/**
 * Packs log entries compactly, for the network and the disk: consecutive entries of one session form a run, and each
 * operation is a short list.
 */
import { UnderstudyError } from '@understudy/rpc';
import type { Entry, Operation } from './core/operation.ts';

/** The kind, its arguments, and the seq if there is a session: `["put", key, value, seq]`. */
export type PackedOperation = readonly [kind: string, ...rest: unknown[]];

/** Consecutive entries of one view with the same session and `acked` (S2). */
export interface PackedRun {
  readonly viewnum: number;
  readonly session?: string;
  readonly acked?: number;
  readonly operations: readonly PackedOperation[];
}

export function packEntries(entries: readonly Entry[]): readonly PackedRun[] {
  const runs: PackedRun[] = [];
  let first: Entry | undefined;
  let operations: PackedOperation[] = [];
  for (const entry of entries) {
    if (first === undefined || !belongTogether(first, entry)) {
      first = entry;
      operations = [];
      const { viewnum, origin } = entry;
      if (origin === undefined) runs.push({ viewnum, operations });
      else runs.push({ viewnum, session: origin.session, acked: origin.acked, operations });
    }
    operations.push(packOperation(entry.operation, entry.origin?.seq));
  }
  return runs;
}

/**
 * Unpacks the entries of runs. Throws INVALID_PARAMS, with the field, if anything is not of the required type: a peer
 * may send anything, and an entry that was accepted is applied on every server. It works in one pass and creates
 * nothing but the entries, because every write passes through here. The contents of texts are not validated; the
 * primary has checked them.
 */
export function unpackEntries(runs: readonly unknown[]): readonly Entry[] {
  const entries: Entry[] = [];
  for (const run of runs) {
    if (!isRun(run)) throw notWhole(entries.length, 'run');
    const { viewnum, session, acked = 0, operations } = run;
    for (const packed of operations) {
      const operation = unpackOperation(packed, session === undefined ? 0 : 1);
      if (operation === undefined) throw notWhole(entries.length, 'operation');
      if (session === undefined) {
        entries.push({ viewnum, operation });
        continue;
      }
      const seq: unknown = packed[packed.length - 1];
      if (!isWhole(seq) || seq <= acked) throw notWhole(entries.length, 'seq');
      entries.push({ viewnum, operation, origin: { session, seq, acked } });
    }
  }
  return entries;
}

function belongTogether(a: Entry, b: Entry): boolean {
  return a.viewnum === b.viewnum && a.origin?.session === b.origin?.session && a.origin?.acked === b.origin?.acked;
}

function packOperation(operation: Operation, seq: number | undefined): PackedOperation {
  const packed = argumentsOf(operation);
  if (seq !== undefined) packed.push(seq);
  return packed;
}

function argumentsOf(operation: Operation): [kind: string, ...rest: unknown[]] {
  const { kind } = operation;
  switch (kind) {
    case 'put':
    case 'append':
    case 'putHash':
      return [kind, operation.key, operation.value];
    case 'delete':
      return [kind, operation.key];
    case 'cas':
      return [kind, operation.key, operation.expected, operation.value];
    case 'casRevision':
      return [kind, operation.key, operation.revision, operation.value];
    case 'openSession':
      return [kind, operation.client];
    case 'expireSession':
      return [kind, operation.session];
    case 'nothing':
      return [kind];
  }
}

function isRun(run: unknown): run is PackedRun {
  if (typeof run !== 'object' || run === null) return false;
  const { viewnum, session, acked, operations } = run as { readonly [field in keyof PackedRun]?: unknown };
  if (!isWhole(viewnum) || !Array.isArray(operations)) return false;
  return session === undefined ? acked === undefined : isText(session) && session !== '' && isWhole(acked);
}

/** Unpacks one operation; undefined if it is not valid. `more` is the number of elements after its arguments. */
function unpackOperation(packed: unknown, more: number): Operation | undefined {
  if (!Array.isArray(packed)) return undefined;
  // Indexed access: destructuring a list uses its iterator, which takes several times as long.
  const list: readonly unknown[] = packed;
  const kind = list[0];
  const a = list[1];
  const b = list[2];
  const c = list[3];
  switch (kind) {
    case 'put':
    case 'append':
    case 'putHash':
      return packed.length === 3 + more && isText(a) && isText(b) ? { kind, key: a, value: b } : undefined;
    case 'delete':
      return packed.length === 2 + more && isText(a) ? { kind, key: a } : undefined;
    case 'cas':
      if (packed.length !== 4 + more || !isText(a) || !isTextOrNull(b) || !isTextOrNull(c)) return undefined;
      return { kind, key: a, expected: b, value: c };
    case 'casRevision':
      if (packed.length !== 4 + more || !isText(a) || !isWhole(b) || !isTextOrNull(c)) return undefined;
      return { kind, key: a, revision: b, value: c };
    case 'openSession':
      return packed.length === 2 + more && isText(a) ? { kind, client: a } : undefined;
    case 'expireSession':
      return packed.length === 2 + more && isText(a) ? { kind, session: a } : undefined;
    case 'nothing':
      return packed.length === 1 + more ? { kind } : undefined;
    default:
      return undefined;
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === 'string';
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function notWhole(place: number, what: 'run' | 'operation' | 'seq'): UnderstudyError {
  const field = `entries[${place}]`;
  return new UnderstudyError('INVALID_PARAMS', `${field} is no entry: its ${what} is wrong`, { data: { field } });
}

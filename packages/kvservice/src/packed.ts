/** Operations packed for the way: many of one session in one run, each a short list, for what carries and keeps them by the hundred. */
import { UnderstudyError } from '@understudy/rpc';
import type { Entry, Operation } from './core/operation.ts';

/** The kind, its arguments, and the seq where there is a session: `["put", key, value, seq]`. */
export type PackedOperation = readonly [kind: string, ...rest: unknown[]];

/** Entries of one view in a row, whose clients said the same of themselves (S2). */
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

/** Throws INVALID_PARAMS where something is no run of entries; what stands in the operations is believed. */
export function unpackEntries(runs: readonly unknown[]): readonly Entry[] {
  const entries: Entry[] = [];
  for (const run of runs as readonly PackedRun[]) {
    if (!Number.isSafeInteger(run?.viewnum) || !Array.isArray(run.operations)) throw noEntries();
    const { viewnum, session, acked = 0 } = run;
    for (const packed of run.operations) {
      const operation = unpackOperation(packed);
      if (operation === undefined) throw noEntries();
      if (session === undefined) entries.push({ viewnum, operation });
      else entries.push({ viewnum, operation, origin: { session, seq: packed.at(-1) as number, acked } });
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

/** Undefined: there is no such operation. */
function unpackOperation([kind, a, b, c]: PackedOperation): Operation | undefined {
  switch (kind) {
    case 'put':
    case 'append':
    case 'putHash':
      return { kind, key: a as string, value: b as string };
    case 'delete':
      return { kind, key: a as string };
    case 'cas':
      return { kind, key: a as string, expected: b as string | null, value: c as string | null };
    case 'casRevision':
      return { kind, key: a as string, revision: b as number, value: c as string | null };
    case 'openSession':
      return { kind, client: a as string };
    case 'expireSession':
      return { kind, session: a as string };
    case 'nothing':
      return { kind };
    default:
      return undefined;
  }
}

function noEntries(): UnderstudyError {
  return new UnderstudyError('INVALID_PARAMS', 'entries holds something that is no entry', {
    data: { field: 'entries' },
  });
}

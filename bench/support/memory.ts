/** The memory of a server of this service: what its heap holds, and what the system has given it. */
import { fileURLToPath } from 'node:url';
import type { Understudy } from './processes.ts';

export interface Memory {
  readonly rssBytes: number;
  readonly heapBytes: number;
  /** Outside of the heap, held by objects in it. */
  readonly externalBytes: number;
}

/** Flags for the servers that are to be asked. */
export const REPORTING: readonly string[] = [
  '--expose-gc',
  '--import',
  fileURLToPath(new URL('memory-reporter.mjs', import.meta.url)),
];

/** `collected`: after a full collection of garbage, which stops the server meanwhile. */
export async function memoryReport(
  server: Understudy,
  { collected }: { readonly collected: boolean },
): Promise<Memory> {
  return (await server.ask({ kind: 'memory', collected })) as Memory;
}

/** The first event of a trace: what was run, and which processes take part. */
import type { DrawnFault } from '../faults/swarm.ts';
import { addressOf } from './cluster.ts';
import { MONITOR } from './monitor-life.ts';
import type { SimulationSettings } from './options.ts';
import type { Profile } from './profile.ts';
import { TRACE_FORMAT, type TraceStart } from './trace.ts';

/** The share of a run that has faults. */
export const FAULTY_SHARE = 0.75;

export function headerOf(
  { seed, seconds, clients }: SimulationSettings,
  { backups, hasDisk, leaseMs }: Profile,
  faults: readonly DrawnFault[],
  servers: readonly string[],
): TraceStart {
  return {
    kind: 'start',
    format: TRACE_FORMAT,
    seed,
    seconds,
    faultyMs: seconds * 1_000 * FAULTY_SHARE,
    monitor: MONITOR,
    servers,
    clients: clientNames(clients),
    addresses: Object.fromEntries([MONITOR, ...servers].map((name) => [name, addressOf(name)])),
    faults,
    backups,
    disk: hasDisk,
    leaseMs,
  };
}

/** The names of the first client processes. A process that dies is followed by `c1-2` and so on. */
export function clientNames(clients: number): readonly string[] {
  return Array.from({ length: clients }, (_, place) => `c${place + 1}`);
}

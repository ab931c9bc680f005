/** The data of a local cluster: a directory for each process, and for which ports they are. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { CommandFailure } from '../exit.ts';
import type { Member } from './seat.ts';

/** A server's name is its address: so its port names its data. */
export function directoryOf(data: string, service: Member['service'], port: number): string {
  return join(data, service === 'monitor' ? 'monitor' : `server-${port}`);
}

/** Throws CommandFailure where the servers of another `--port` have their data there: those of this one would begin without. */
export function expectPort(data: string, port: number): void {
  const ports = serverPortsIn(data);
  const [first] = ports;
  if (first === undefined || ports.includes(port + 1)) return;
  throw new CommandFailure(
    `${data} holds the data of a cluster with --port ${first - 1}, and data belong to their ports: start it with that port, or take another directory`,
  );
}

/** The lowest first. */
function serverPortsIn(data: string): readonly number[] {
  return namesIn(data)
    .flatMap((name) => /^server-(\d+)$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

/** None where there is no such directory; what else is wrong with it is told by who opens it. */
function namesIn(data: string): readonly string[] {
  try {
    return readdirSync(data);
  } catch {
    return [];
  }
}

/** The data of a local cluster: one directory per process, named by its port. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CommandFailure } from '../exit.ts';
import { fileFailure, kindOf } from '../file-failure.ts';
import type { Member } from './seat.ts';

/** A server is named by its address, so its port identifies its data. */
export function directoryOf(data: string, service: Member['service'], port: number): string {
  return join(data, service === 'monitor' ? 'monitor' : `server-${port}`);
}

/**
 * Throws CommandFailure if the directory holds anything other than data of `up`, or data of servers with another
 * `--port`, because the servers would then start without data. Changes nothing.
 */
export function checkDataDirectory(data: string, port: number): void {
  const names = namesIn(data);
  const foreign = names.find((name) => !OF_A_CLUSTER.test(name));
  if (foreign !== undefined) {
    throw new CommandFailure(
      `${data} holds something else than the data of a cluster, such as ${foreign}: nothing in it was changed; take another directory`,
    );
  }
  expectPort(data, port, names);
}

/** What `up` and its processes leave there, and what an empty file system contains. */
const OF_A_CLUSTER = /^((monitor|server-\d+)(\.(damaged-\d+|copy-\w+))?|lost\+found)$/;

function expectPort(data: string, port: number, names: readonly string[]): void {
  const ports = serverPortsIn(names);
  const [first] = ports;
  if (first === undefined || ports.includes(port + 1)) return;
  throw new CommandFailure(
    `${data} holds the data of a cluster with --port ${first - 1}, and data belong to their ports: start it with that port, or take another directory`,
  );
}

/** The lowest first. */
function serverPortsIn(names: readonly string[]): readonly number[] {
  return names
    .flatMap((name) => /^server-(\d+)$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

/** Empty if the directory does not exist yet. The process that opens it creates it. */
function namesIn(data: string): readonly string[] {
  try {
    const found = statSync(data, { throwIfNoEntry: false });
    if (found === undefined) return [];
    if (!found.isDirectory()) throw new CommandFailure(`${data} is a ${kindOf(found)}, and no directory`);
    return readdirSync(data);
  } catch (error) {
    const failure = fileFailure(data, error);
    throw failure === undefined ? error : new CommandFailure(failure);
  }
}

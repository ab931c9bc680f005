/**
 * The directory of a local cluster: one subdirectory for the monitor and one for each server, and a file with their
 * addresses. A cluster that is started on it again uses the same addresses, because the stored view names the servers
 * by address.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Address, parseAddress, UnderstudyError } from '@understudy/rpc';

interface Addresses {
  readonly monitor: Address;
  readonly servers: readonly Address[];
}

export class ClusterDirectory {
  readonly #path: string;
  /** The addresses of the cluster that was here before; undefined if there was none. */
  readonly before: Addresses | undefined;

  /** Creates the directory. Throws INVALID_PARAMS if it holds something else. */
  constructor(path: string) {
    this.#path = path;
    mkdirSync(path, { recursive: true });
    this.before = this.#read();
  }

  /** Where the monitor keeps its state. */
  get monitor(): string {
    return join(this.#path, 'monitor');
  }

  /** Where a server keeps its data. `place` counts from 0, in the order of the starts. */
  server(place: number): string {
    return join(this.#path, `server-${place + 1}`);
  }

  /** Saves the addresses for the next cluster on this directory. */
  write(addresses: Addresses): void {
    writeFileSync(this.#file, `${JSON.stringify(addresses)}\n`);
  }

  get #file(): string {
    return join(this.#path, 'cluster.json');
  }

  #read(): Addresses | undefined {
    try {
      const { monitor, servers } = JSON.parse(readFileSync(this.#file, 'utf8')) as Addresses;
      for (const address of [monitor, ...servers]) parseAddress(address, 'dataDir');
      return { monitor, servers };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      const message = `dataDir: ${this.#file} does not hold the addresses of a local cluster`;
      throw new UnderstudyError('INVALID_PARAMS', message, { data: { field: 'dataDir' }, cause: error });
    }
  }
}

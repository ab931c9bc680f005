/**
 * The directory of a local cluster: one directory for the monitor and one for each server, and the addresses that they had. A cluster
 * that is started on it again uses the same addresses, because the stored view names the servers by them.
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
  /** Of the cluster that was here before; undefined: there was none. */
  readonly before: Addresses | undefined;

  /** Makes the directory. Throws INVALID_PARAMS where it holds something else. */
  constructor(path: string) {
    this.#path = path;
    mkdirSync(path, { recursive: true });
    this.before = this.#read();
  }

  /** Where the monitor keeps its state. */
  get monitor(): string {
    return join(this.#path, 'monitor');
  }

  /** Where a server keeps its data; `place`: from 0, in the order of the starts. */
  server(place: number): string {
    return join(this.#path, `server-${place + 1}`);
  }

  /** Keeps the addresses for the next cluster here. */
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

/**
 * The wall clocks of the processes, by libfaketime: each process has a file that says how far its clock is off, and looks at it once a
 * second. Monotonic clocks stay true, because the service takes a stopped or jumping monotonic clock for a fault of the machine.
 */
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The multi-threaded variant: Node has threads. */
const LIBRARY = 'faketime/libfaketimeMT.so.1';
const FOLDERS = ['/usr/lib', '/usr/local/lib', '/usr/lib64'];

/** Undefined where libfaketime is not installed. */
export function libfaketime(): string | undefined {
  const multiarch = existsSync('/usr/lib') ? readdirSync('/usr/lib').filter((name) => name.includes('-linux-')) : [];
  const folders = [...FOLDERS, ...multiarch.map((name) => join('/usr/lib', name))];
  return folders.map((folder) => join(folder, LIBRARY)).find((file) => existsSync(file));
}

export class Clocks {
  readonly #library: string;
  readonly #directory: string;

  constructor(library: string, directory: string) {
    this.#library = library;
    this.#directory = directory;
  }

  environmentOf(name: string): NodeJS.ProcessEnv {
    const file = this.#fileOf(name);
    if (!existsSync(file)) this.set(name, 0);
    return {
      LD_PRELOAD: this.#library,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_CACHE_DURATION: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
  }

  /** From now on, and in processes of this name that start later. */
  set(name: string, offsetSeconds: number): void {
    writeFileSync(this.#fileOf(name), `${offsetSeconds < 0 ? '' : '+'}${offsetSeconds}\n`);
  }

  #fileOf(name: string): string {
    return join(this.#directory, `${name}.clock`);
  }
}

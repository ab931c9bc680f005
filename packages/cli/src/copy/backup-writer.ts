/**
 * Writes a backup file, under another name until all of it is on stable storage. So a file with the final name is
 * complete.
 */
import { createHash } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { syncDirectory } from '@understudy/rpc';
import { FORMAT, type Header, type Pair, type Trailer, VERSION } from './format.ts';

/** UTF-16 units collected for one write. */
const BLOCK_UNITS = 256 * 1024;

export interface Written {
  readonly bytes: number;
  readonly sha256: string;
}

interface PartialFile {
  readonly path: string;
  readonly handle: FileHandle;
}

export class BackupWriter implements AsyncDisposable {
  readonly #file: string;
  /** Used by this writer alone. */
  readonly #partial: string;
  readonly #hash = createHash('sha256');
  #handle: FileHandle | undefined;
  #isFinished = false;
  #block = '';
  #keys = 0;
  #bytes = 0;

  private constructor(file: string, { path, handle }: PartialFile) {
    this.#file = file;
    this.#partial = path;
    this.#handle = handle;
  }

  /** Rejects with the error of the file system. */
  static async open(file: string, moment: Pick<Header, 'revision' | 'keys' | 'taken'>): Promise<BackupWriter> {
    const writer = new BackupWriter(file, await openPartialFile(file));
    const header: Header = { format: FORMAT, version: VERSION, ...moment };
    writer.#block = `${JSON.stringify(header)}\n`;
    return writer;
  }

  async add({ key, value }: Pair): Promise<void> {
    this.#block += `${JSON.stringify({ key, value })}\n`;
    this.#keys += 1;
    if (this.#block.length >= BLOCK_UNITS) await this.#flush();
  }

  /** Completes the file, and gives it its final name. */
  async finish(): Promise<Written> {
    await this.#flush();
    const trailer: Trailer = { keys: this.#keys, sha256: this.#hash.digest('hex') };
    await this.#write(`${JSON.stringify(trailer)}\n`);
    await this.#handle?.sync();
    await this.#close();
    await rename(this.#partial, this.#file);
    this.#isFinished = true;
    await syncDirectory(dirname(resolve(this.#file)));
    return { bytes: this.#bytes, sha256: trailer.sha256 };
  }

  /** Removes an unfinished file. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isFinished) return;
    await this.#close();
    await rm(this.#partial, { force: true });
  }

  async #flush(): Promise<void> {
    const block = this.#block;
    this.#block = '';
    this.#hash.update(block);
    await this.#write(block);
  }

  async #write(text: string): Promise<void> {
    const bytes = Buffer.from(text);
    this.#bytes += bytes.length;
    await this.#handle?.appendFile(bytes);
  }

  async #close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }
}

/** FILE.partial. If that exists, because another backup runs or was killed, FILE.partial-2 and so on. */
async function openPartialFile(file: string): Promise<PartialFile> {
  for (let number = 1; ; number++) {
    const path = `${file}.partial${number === 1 ? '' : `-${number}`}`;
    try {
      return { path, handle: await open(path, 'wx') };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

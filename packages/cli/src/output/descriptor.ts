/** Standard output and standard error as a log needs them: a write returns at once, whatever the descriptor leads to.
 *
 * Node writes to files, terminals and pipes synchronously: a pipe whose reader stands still, or a terminal that was stopped by Ctrl-S, blocks
 * the whole process. Here a file is written by a thread of the pool. A pipe, a socket and a terminal are set to non-blocking; a thread must
 * not wait for them, because a process cannot exit before that thread returns.
 */
import { fstatSync, write } from 'node:fs';
import { isatty } from 'node:tty';

export interface Descriptor {
  /** One write at a time. `written`: how many bytes are out, also with an error. */
  write(bytes: Uint8Array, done: (error: Error | undefined, written: number) => void): void;
}

/** Whoever takes it is told of each failure by its write; no `error` event of the stream ends the process from then on. */
export function openDescriptor(fd: 1 | 2): Descriptor {
  return isFile(fd) ? new FileDescriptor(fd) : new StreamDescriptor(fd === 1 ? process.stdout : process.stderr);
}

/** Sets a pipe, a socket or a terminal to non-blocking; a file has no such mode. */
export function neverBlock(stream: NodeJS.WriteStream): void {
  // Node has no public way for it. On Windows pipes are left as they are.
  const { _handle: handle } = stream as { readonly _handle?: { setBlocking?(isBlocking: boolean): void } };
  if (process.platform !== 'win32') handle?.setBlocking?.(false);
}

class FileDescriptor implements Descriptor {
  readonly #fd: number;

  constructor(fd: number) {
    this.#fd = fd;
  }

  write(bytes: Uint8Array, done: (error: Error | undefined, written: number) => void): void {
    write(this.#fd, bytes, (error, written) => done(error ?? undefined, error === null ? written : 0));
  }
}

class StreamDescriptor implements Descriptor {
  readonly #stream: NodeJS.WriteStream;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
    stream.removeAllListeners('error');
    stream.on('error', () => {});
  }

  write(bytes: Uint8Array, done: (error: Error | undefined, written: number) => void): void {
    // Another process with the same pipe may have set it to blocking when it ended.
    neverBlock(this.#stream);
    this.#stream.write(bytes, (error) => done(error ?? undefined, error ? 0 : bytes.length));
  }
}

/** Also a device that is no terminal, such as /dev/full. */
function isFile(fd: number): boolean {
  const stats = fstatSync(fd);
  return !(stats.isFIFO() || stats.isSocket() || isatty(fd));
}

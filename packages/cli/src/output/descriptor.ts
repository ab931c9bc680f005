/**
 * Standard output and standard error as a log needs them: a write returns at once, whatever the descriptor leads to.
 *
 * Node writes to files, terminals and pipes synchronously. A pipe whose reader stops reading, or a terminal stopped by
 * Ctrl-S, would block the whole process. So a file is written by a thread of the pool here. A pipe, a socket and a
 * terminal are set to non-blocking. A thread must not wait for them, because a process cannot exit before that thread
 * returns.
 */
import { fstatSync, write } from 'node:fs';
import { isatty } from 'node:tty';

export interface Descriptor {
  /** One write at a time. `written` is the number of bytes written, even if there is an error. */
  write(bytes: Uint8Array, done: (error: Error | undefined, written: number) => void): void;
}

/** The caller gets each failure from its write. From then on, no `error` event of the stream ends the process. */
export function openDescriptor(fd: 1 | 2): Descriptor {
  return isFile(fd) ? new FileDescriptor(fd) : new StreamDescriptor(fd === 1 ? process.stdout : process.stderr);
}

/** Sets a pipe, a socket or a terminal to non-blocking. A file has no such mode. */
export function neverBlock(stream: NodeJS.WriteStream): void {
  // Node has no public interface for this. On Windows, pipes are left unchanged.
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

/** A device that is no terminal, such as /dev/full, counts too. */
function isFile(fd: number): boolean {
  const stats = fstatSync(fd);
  return !(stats.isFIFO() || stats.isSocket() || isatty(fd));
}

/** A pipe that is full, and whose reader reads nothing until it is told to. */
import { spawnSync } from 'node:child_process';
import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';

export class FullPipe implements Disposable {
  /** For the process that is to write. */
  readonly fd: number;
  readonly #reader: number;

  /** @param directory Where it may make a file. */
  constructor(directory: string, name: string) {
    const path = join(directory, name);
    const { status, stderr } = spawnSync('mkfifo', [path]);
    if (status !== 0) throw new Error(`mkfifo: ${stderr}`);
    this.#reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    this.fd = openSync(path, constants.O_WRONLY);
    const filler = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
    untilItWouldBlock(() => writeSync(filler, 'x'.repeat(4_096)));
    untilItWouldBlock(() => writeSync(filler, 'x'));
    writeAgainAfterReading(this.#reader, filler);
    closeSync(filler);
  }

  /** Everything that is in it now. */
  read(): string {
    const parts: string[] = [];
    const buffer = Buffer.alloc(65_536);
    untilItWouldBlock(() => {
      const length = readSync(this.#reader, buffer);
      parts.push(buffer.toString('utf8', 0, length));
      return length;
    });
    return parts.join('');
  }

  [Symbol.dispose](): void {
    closeSync(this.#reader);
    closeSync(this.fd);
  }
}

/** The filling ends with a newline, so that the first line of the process is a line. */
function writeAgainAfterReading(reader: number, filler: number): void {
  readSync(reader, Buffer.alloc(4_096));
  writeSync(filler, `${'x'.repeat(4_095)}\n`);
}

function untilItWouldBlock(action: () => number): void {
  try {
    while (action() > 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
  }
}

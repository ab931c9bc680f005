/** The load on the cluster that a page shows: a client in a process of its own. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { median } from '../support/statistics.ts';

export interface Orders {
  readonly monitor: string;
  readonly perSecond: number;
}

export class Load implements Disposable {
  readonly errors: string[] = [];
  readonly #child: ChildProcess;
  #done: number[] = [];

  constructor(orders: Orders) {
    this.#child = fork(fileURLToPath(new URL('./client.ts', import.meta.url)));
    this.#child.on('message', (done) => this.#done.push(Number(done)));
    this.#child.once('exit', (code) => this.errors.push(`the client ended with ${code}`));
    this.#child.send(orders);
  }

  /** In the median second since it was asked last. */
  takePerSecond(): number {
    const taken = median(this.#done);
    this.#done = [];
    return Math.round(taken);
  }

  [Symbol.dispose](): void {
    this.#child.removeAllListeners('exit');
    this.#child.kill();
  }
}

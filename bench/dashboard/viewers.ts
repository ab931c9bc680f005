/** Some who look at all nodes of a cluster, in a process of their own. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Orders, Received } from './message.ts';

export class Viewers implements AsyncDisposable {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Resolves when each of so many hears each of the nodes. */
  static async look(count: number, nodes: readonly string[]): Promise<Viewers> {
    const child = fork(fileURLToPath(new URL('./viewer.ts', import.meta.url)));
    const viewers = new Viewers(child);
    const feeds = Array.from({ length: count }, () => nodes.map((node) => `http://${node}/events`)).flat();
    await viewers.#ask({ feeds } satisfies Orders);
    return viewers;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** By all of them together, since it was asked last. */
  async received(): Promise<Received> {
    return (await this.#ask('report')) as Received;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }

  async #ask(message: Orders | 'report'): Promise<unknown> {
    const answer = once(this.#child, 'message');
    this.#child.send(message);
    const ended = once(this.#child, 'exit').then(() => {
      throw new Error('the process that looks has ended');
    });
    ended.catch(() => {}); // it ends at last, when nobody waits
    return (await Promise.race([answer, ended]))[0];
  }
}

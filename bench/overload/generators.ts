/** Processes that share what load is to be offered. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Orders, Outcome, Task } from './message.ts';

export class Generators implements AsyncDisposable {
  readonly #primary: string;
  readonly #connections: number;
  readonly #children: readonly ChildProcess[];

  /** `connections`: of each. */
  constructor(primary: string, count: number, connections: number) {
    const file = fileURLToPath(new URL('./generator.ts', import.meta.url));
    this.#primary = primary;
    this.#connections = connections;
    this.#children = Array.from({ length: count }, () => fork(file));
  }

  run(task: Task): Promise<readonly Outcome[]> {
    const count = this.#children.length;
    const share: Task =
      task.kind === 'closed'
        ? { ...task, callers: task.callers / count }
        : { ...task, perSecond: task.perSecond / count };
    const orders: Orders = { primary: this.#primary, connections: this.#connections, task: share };
    return Promise.all(
      this.#children.map(async (child) => {
        const answer = once(child, 'message');
        child.send(orders);
        return (await answer)[0] as Outcome;
      }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) child.kill();
  }
}

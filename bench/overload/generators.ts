/** Processes that share what load is to be offered. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Orders, Outcome, Task } from './message.ts';

export class Generators implements AsyncDisposable {
  readonly #orders: Omit<Orders, 'task'>;
  readonly #children: readonly ChildProcess[];

  constructor(orders: Omit<Orders, 'task'>, count: number) {
    const file = fileURLToPath(new URL('./generator.ts', import.meta.url));
    this.#orders = orders;
    this.#children = Array.from({ length: count }, () => fork(file));
  }

  run(task: Task): Promise<readonly Outcome[]> {
    const count = this.#children.length;
    const share: Task =
      task.kind === 'closed'
        ? { ...task, callers: task.callers / count }
        : { ...task, perSecond: task.perSecond / count };
    const orders: Orders = { ...this.#orders, task: share };
    return Promise.all(
      this.#children.map(async (child) => {
        const listening = new AbortController();
        const { signal } = listening;
        const ended = once(child, 'exit', { signal }).then(([code]) => {
          throw new Error(`a generator ended with ${code}`);
        });
        const answer = once(child, 'message', { signal });
        child.send(orders);
        try {
          const [outcome] = await Promise.race([answer, ended]);
          return outcome as Outcome;
        } finally {
          listening.abort();
        }
      }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) child.kill();
  }
}

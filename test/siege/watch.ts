/** Looks at a cluster under siege once a second: how many views there were, and how much memory each process takes. */
import { memoryOf } from '../../bench/support/processes.ts';
import type { SiegeCluster } from './cluster.ts';
import type { Tally } from './tally.ts';

const PERIOD_MS = 1_000;
/** A monitor that rebuilt its view goes on in one so much higher (V12). */
const REBUILT = 1_000;

export class Watch implements AsyncDisposable {
  readonly #cluster: SiegeCluster;
  readonly #tally: Tally;
  readonly #maxBytes: number;
  readonly #reported = new Set<number>();
  readonly #looking: Promise<void>;
  #viewnum = 0;
  #isOver = false;

  constructor(cluster: SiegeCluster, tally: Tally, maxBytes: number) {
    this.#cluster = cluster;
    this.#tally = tally;
    this.#maxBytes = maxBytes;
    this.#looking = this.#look();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await this.#looking;
  }

  async #look(): Promise<void> {
    while (!this.#isOver) {
      this.#measure();
      await this.#countViews();
      await new Promise((resolve) => setTimeout(resolve, PERIOD_MS));
    }
  }

  #measure(): void {
    for (const { pid, name } of this.#cluster.members) {
      if (pid === 0) continue;
      const { present } = memoryOf(pid);
      this.#tally.sawMemory(present);
      if (present <= this.#maxBytes || this.#reported.has(pid)) continue;
      this.#reported.add(pid);
      this.#tally.fail(`${name} takes ${Math.round(present / 2 ** 20)} MiB of memory`);
    }
  }

  async #countViews(): Promise<void> {
    const viewnum = (await this.#cluster.monitorStatus())?.view.viewnum ?? 0;
    if (viewnum <= this.#viewnum) return;
    const more = viewnum - this.#viewnum;
    this.#tally.add('viewChanges', more < REBUILT ? more : (more % REBUILT) + Math.floor(more / REBUILT));
    this.#viewnum = viewnum;
  }
}

/** The memory of each process over time, and whether it grows. */
import { type Memory, memoryReport } from '../support/memory.ts';
import type { Understudy } from '../support/processes.ts';
import { median, type Point, theilSenSlope } from '../support/statistics.ts';

export interface ProcessSamples {
  readonly name: string;
  /** Seconds since the beginning, and bytes. */
  readonly heap: Point[];
  readonly rss: Point[];
  /** Right after a full collection of garbage. */
  readonly live: Point[];
}

/** Undefined: the process that asks. */
export type Sampled = ReadonlyMap<string, Understudy | undefined>;

export class Sampler {
  readonly samples: readonly ProcessSamples[];
  readonly #processes: Sampled;

  constructor(processes: Sampled) {
    this.#processes = processes;
    this.samples = [...processes.keys()].map((name) => ({ name, heap: [], rss: [], live: [] }));
  }

  async take(second: number, collected: boolean): Promise<void> {
    for (const { name, heap, rss, live } of this.samples) {
      const server = this.#processes.get(name);
      const memory = server === undefined ? own(collected) : await memoryReport(server, { collected });
      (collected ? live : heap).push([second, memory.heapBytes]);
      rss.push([second, memory.rssBytes]);
    }
  }
}

export interface Growth {
  readonly name: string;
  /** Of the heap after collections, in the time that was watched. */
  readonly medianBytes: number;
  /** By the slope of the line through them, over that time. */
  readonly grownBytes: number;
  readonly rssGrownBytes: number;
  readonly isFlat: boolean;
}

/** Flat: what it grew by in the time watched is at most a tenth of what it was. */
const FLAT = 0.1;

export function growthOf({ name, live, rss }: ProcessSamples, fromSecond: number): Growth {
  const watched = live.filter(([second]) => second >= fromSecond);
  const lasted = (watched.at(-1)?.[0] ?? 0) - (watched[0]?.[0] ?? 0);
  const medianBytes = median(watched.map(([, bytes]) => bytes));
  const grownBytes = theilSenSlope(watched) * lasted;
  const rssGrownBytes = theilSenSlope(rss.filter(([second]) => second >= fromSecond)) * lasted;
  return { name, medianBytes, grownBytes, rssGrownBytes, isFlat: grownBytes <= FLAT * medianBytes };
}

function own(collected: boolean): Memory {
  if (collected) globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rssBytes: rss, heapBytes: heapUsed, externalBytes: external };
}

/** Runs to be played: made by simulation here and now, or kept as a trace. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type SimulationOptions, simulate, type TraceEvent } from '@understudy/testkit';
import { Trace } from '../../../packages/cli/src/replay/trace.ts';
import type { TraceEvent as Shipped } from '../../../packages/dashboard/page/replay/model/trace.d.ts';

/** A planted bug lets a deposed primary answer (`support/make-violation.ts`). */
export const STALE_READ = fileURLToPath(new URL('../traces/stale-read.jsonl', import.meta.url));

/** The primary dies, and another takes over. */
export const FAILOVER: SimulationOptions = { seed: 6, seconds: 6, clients: 2, faults: ['crash', 'partition', 'pause'] };

/** What is kept for the length of some tests. */
export class Folder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'understudy-replay-'));

  /** The path of a new file. */
  file(name: string, text: string): string {
    const path = join(this.path, name);
    writeFileSync(path, text);
    return path;
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

export async function eventsOf(options: SimulationOptions): Promise<readonly TraceEvent[]> {
  const events: TraceEvent[] = [];
  await simulate({ ...options, onEvent: (event) => events.push(event) });
  return events;
}

/** As `understudy sim --trace` writes it. */
export async function traceOf(options: SimulationOptions): Promise<string> {
  return (await eventsOf(options)).map((event) => `${JSON.stringify(event)}\n`).join('');
}

/** As the page gets them. */
export async function shippedFrom(path: string): Promise<readonly Shipped[]> {
  const trace = await Trace.open(path);
  const blocks = await Promise.all(trace.index.blocks.map((_, place) => trace.block(place)));
  await trace.close();
  return blocks.flatMap((block) => block.split('\n').map((line) => JSON.parse(line) as Shipped));
}

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

type Settings = Omit<SimulationOptions, 'seed' | 'onEvent'>;

/** For the primary to fall silent and another to take over, a server to die and come back, and links to be cut. */
const FAILOVER: Settings = { seconds: 6, clients: 2, faults: ['crash', 'partition', 'pause'] };
const OF_A_FAILOVER = ['"primary-silent"', '"state":"ended"', '"state":"cut"', '"kind":"lost"'];

/** Which seed has that changes with the code. */
const MOST_SEEDS = 60;

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
  return textOf(await eventsOf(options));
}

/** The events of the first seed whose trace has all of these texts in it; and its options. */
export async function runWith(settings: Settings, texts: readonly string[]): Promise<Found> {
  for (let seed = 6; seed < 6 + MOST_SEEDS; seed++) {
    const options = { ...settings, seed };
    const events = await eventsOf(options);
    const text = textOf(events);
    if (texts.every((each) => text.includes(each))) return { options, events, text };
  }
  throw new Error(`none of ${MOST_SEEDS} seeds has ${texts.join(' and ')}`);
}

export function failover(): Promise<Found> {
  return runWith(FAILOVER, OF_A_FAILOVER);
}

export interface Found {
  readonly options: SimulationOptions;
  readonly events: readonly TraceEvent[];
  readonly text: string;
}

function textOf(events: readonly TraceEvent[]): string {
  return events.map((event) => `${JSON.stringify(event)}\n`).join('');
}

/** As the page gets them. */
export async function shippedFrom(path: string): Promise<readonly Shipped[]> {
  const trace = await Trace.open(path);
  const blocks = await Promise.all(trace.index.blocks.map((_, place) => trace.block(place)));
  await trace.close();
  return blocks.flatMap((block) => block.split('\n').map((line) => JSON.parse(line) as Shipped));
}

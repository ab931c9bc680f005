/** The hunter: simulates a cluster with a bug in it, in a process of its own, until an invariant or the checker objects. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Violation } from '@understudy/testkit';
import type { PlantedBug } from './bug.ts';
import { plant } from './planting.ts';

/** What came of it. */
export interface Hunt {
  /** The first that was found; null: every property held in every seed. */
  readonly found: { readonly seed: number; readonly violation: Violation } | null;
  /** Seeds that were simulated, the last one included. */
  readonly seeds: number;
  /** Real time, but for the start of the process. */
  readonly ms: number;
}

export interface HuntOptions {
  /** The first seed. Default 1. */
  readonly from?: number;
  /** Seeds at most. Default: `MOST_SEEDS`. */
  readonly seeds?: number;
  /** Virtual seconds of each seed: the longer it is the fewer are needed, and the longer each takes. Default 16. */
  readonly seconds?: number;
}

/** No bug may need more. */
export const MOST_SEEDS = 2_000;

/** Rejects where a bug does not fit the sources, and when the process dies or hangs. */
export async function hunt(
  bug: Pick<PlantedBug, 'name' | 'edits' | 'faults' | 'shape'>,
  options: HuntOptions = {},
): Promise<Hunt> {
  const { from = 1, seeds = MOST_SEEDS, seconds = 16 } = options;
  const planted = plant(bug);
  // What is covered of a changed file says nothing about the file.
  const { NODE_V8_COVERAGE: _, ...env } = process.env;
  const hunter = fileURLToPath(new URL('hunt.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [...NODE_OPTIONS, hunter, ...[from, seeds, seconds].map(String), bug.faults?.join() ?? '', bug.shape ?? ''],
    { cwd: ROOT, env: { ...env, PLANTED: JSON.stringify(planted) }, timeout: PATIENCE_MS },
  );
  return JSON.parse(stdout) as Hunt;
}

/** Hunts all, two at a time; each may be awaited by itself. */
export function huntAll(
  bugs: readonly PlantedBug[],
  options: HuntOptions = {},
): ReadonlyMap<PlantedBug, Promise<Hunt>> {
  const waiting: (() => void)[] = [];
  let free = AT_ONCE;
  const hunted = async (bug: PlantedBug): Promise<Hunt> => {
    if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve));
    else free -= 1;
    try {
      return await hunt(bug, options);
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
  return new Map(bugs.map((bug) => [bug, hunted(bug)]));
}

const AT_ONCE = 2;

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const NODE_OPTIONS = [
  `--import=${new URL('plant.mjs', import.meta.url).href}`,
  '--import=tsx',
  '--conditions=understudy-source',
];

/** Far more than any hunt needs. */
const PATIENCE_MS = 600_000;

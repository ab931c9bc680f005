/** What a command line asks to simulate, and the command line that runs one of its seeds again. */
import { availableParallelism } from 'node:os';
import { UsageError } from '../exit.ts';
import { diskFaultsIn, parseFaults } from './fault-list.ts';
import type { Seed, Settings } from './task.ts';

/** Options as they were given. */
export interface SimOptions {
  readonly seed?: Seed;
  readonly seeds?: number;
  readonly from?: number;
  readonly servers?: number;
  readonly backups?: number;
  readonly clients?: number;
  readonly seconds?: number;
  readonly faults?: string;
  readonly disk?: boolean;
  readonly littleMemory?: boolean;
  readonly shape?: NonNullable<Settings['shape']>;
  readonly jobs?: number;
  readonly trace?: string;
  readonly json?: boolean;
}

export interface SimRequest {
  readonly seeds: readonly Seed[];
  /** True for seeds by number; false for a single named seed. */
  readonly isBatch: boolean;
  readonly settings: Settings;
  /** The number of processes that simulate. */
  readonly jobs: number;
  readonly trace: string | undefined;
  /** The batch is large and varied enough that it must have seen every situation. */
  readonly mustSeeAll: boolean;
  /** The command that runs one seed again. */
  readonly replay: (seed: Seed) => string;
  /** The command that shows one seed on a page. */
  readonly watch: (seed: Seed) => string;
}

/** A smaller batch may miss a situation by chance. */
export const LEAST_SEEDS_TO_SEE_ALL = 200;

/** Options that shape a run, besides its seed. */
const SHAPING = ['servers', 'backups', 'clients', 'seconds', 'faults', 'shape'] as const;

export function requestOf(options: SimOptions): SimRequest {
  const isBatch = options.seeds !== undefined;
  if (isBatch === (options.seed !== undefined)) throw new UsageError('sim needs --seed S or --seeds N, one of them');
  if (isBatch && options.trace !== undefined) throw new UsageError('--trace goes with --seed: it writes one run');
  if (options.trace === '-') throw new UsageError('--trace: it goes to a file, for the report is on stdout: name one');
  if (!isBatch && options.from !== undefined) throw new UsageError('--from goes with --seeds');
  const seeds = seedsOf(options);
  const settings = settingsOf(options);
  const needDisks = settings.disk === false ? diskFaultsIn(settings.faults) : [];
  if (needDisks.length > 0)
    throw new UsageError(`--faults: ${needDisks.join(', ')} cannot strike: with --no-disk there are no disks`);
  return {
    seeds,
    isBatch,
    settings,
    jobs: Math.min(options.jobs ?? (isBatch ? availableParallelism() : 1), seeds.length),
    trace: options.trace,
    mustSeeAll: seeds.length >= LEAST_SEEDS_TO_SEE_ALL && settings.faults === 'all' && canSeeAll(settings),
    replay: (seed) => replayOf(options, seed),
    watch: (seed) => watchOf(options, seed),
  };
}

function seedsOf({ seed, seeds = 0, from = 1 }: SimOptions): readonly Seed[] {
  return seed === undefined ? Array.from({ length: seeds }, (_, at) => from + at) : [seed];
}

function settingsOf(options: SimOptions): Settings {
  const { servers, backups, clients, seconds, disk, littleMemory, shape, faults = 'all' } = options;
  return {
    ...(servers === undefined ? {} : { servers }),
    ...(backups === undefined ? {} : { backups }),
    ...(clients === undefined ? {} : { clients }),
    ...(seconds === undefined ? {} : { seconds }),
    ...(disk === undefined ? {} : { disk }),
    ...(littleMemory === undefined ? {} : { littleMemory }),
    ...(shape === undefined ? {} : { shape }),
    faults: parseFaults(faults),
  };
}

/**
 * A batch cannot see every situation if the number of servers or backups, the disks, the memory, or the shape of its
 * runs is fixed.
 */
function canSeeAll({ servers, backups, disk, littleMemory, shape }: Settings): boolean {
  return servers === undefined && backups === undefined && disk !== false && littleMemory === undefined && !shape;
}

function replayOf(options: SimOptions, seed: Seed): string {
  const words = SHAPING.flatMap((name) => (options[name] === undefined ? [] : [`--${name}`, String(options[name])]));
  const switches = [...switched('disk', options.disk), ...switched('little-memory', options.littleMemory)];
  return ['understudy', 'sim', '--seed', String(seed), ...words, ...switches].map(quoted).join(' ');
}

function switched(name: string, isOn: boolean | undefined): readonly string[] {
  return isOn === undefined ? [] : [isOn ? `--${name}` : `--no-${name}`];
}

function watchOf(options: SimOptions, seed: Seed): string {
  const { trace } = options;
  if (trace !== undefined) return `understudy replay ${quoted(trace)}`;
  return `${replayOf(options, seed)} --trace run.jsonl; understudy replay run.jsonl`;
}

/** Quotes a word for a shell. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

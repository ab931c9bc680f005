/**
 * Plays a batch of seeds with V8's counters on, and finds what it never reached.
 *
 * The seeds are played by a few processes at once. They run the compiled packages, as users do, because the counters
 * know the compiled text only. A process must end by itself: V8 writes its counters at the end.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { reachedIn } from './counters.ts';
import type { Found } from './expectation.ts';
import { unreachedIn } from './stretches.ts';

export interface Batch {
  readonly from: number;
  readonly seeds: number;
  /** Processes at once. */
  readonly jobs: number;
  /** Told of each seed that is done. */
  readonly onSeed?: (() => void) | undefined;
}

const PLAY = fileURLToPath(new URL('play.ts', import.meta.url));
/** The replicas, the monitor and the client. Scripts of other packages are not asked for. */
const MEASURED = /\/packages\/((?:kvservice|sysmonitor)\/)dist\/(.*)\.js$/;

/** Rejects when a seed violates a property. */
export async function unreachedBy(batch: Batch): Promise<Found> {
  const directory = mkdtempSync(join(tmpdir(), 'understudy-coverage-'));
  try {
    const jobs = Array.from({ length: batch.jobs }, (_, job) => playPart(batch, batch.from + job, directory));
    await Promise.all(jobs);
    const reached = [...reachedIn(directory, (url) => MEASURED.test(url))];
    const found = reached.map(([url, characters]) => [sourceOf(url), unreachedIn(url, characters)] as const);
    return new Map(found.filter(([, stretches]) => stretches.length > 0).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function sourceOf(url: string): string {
  const [, folder = '', name = ''] = MEASURED.exec(url) ?? [];
  return `${folder}src/${name}.ts`;
}

function playPart({ from, seeds, jobs, onSeed }: Batch, first: number, directory: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const seedsOfThis = [first, from + seeds, jobs].map(String);
    const child = spawn(process.execPath, ['--import', 'tsx', PLAY, ...seedsOfThis], {
      env: { ...process.env, NODE_V8_COVERAGE: directory, NODE_OPTIONS: '' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let errors = '';
    child.stdout.on('data', (dots: Buffer) => dots.forEach(() => onSeed?.()));
    child.stderr.on('data', (data) => (errors += data));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`a measured process ended with ${code}:\n${errors}`));
    });
  });
}

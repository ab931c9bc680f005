/**
 * One mistake on trial: the unit tests that load the file, and then seeds of the simulation, in processes of their own.
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Mutation, mutated } from './mutations.ts';
import { ROOT } from './subjects.ts';

export interface Mutant {
  readonly folder: string;
  readonly file: string;
  readonly mutation: Mutation;
  readonly tests: readonly string[];
}

/** What caught it. `time`: it did not come to an end. */
export type Outcome = 'tests' | 'simulation' | 'time' | 'survived';

export interface Trial {
  readonly mutant: Mutant;
  readonly outcome: Outcome;
  readonly ms: number;
}

export interface Ways {
  readonly byTests: boolean;
  /** 0: none. */
  readonly seeds: number;
  /** How long the same takes without a mistake, for the tests and for the seeds; measured, since machines differ. */
  readonly cleanMs: { readonly tests: number; readonly seeds: number };
}

export async function trialOf(mutant: Mutant, { byTests, seeds, cleanMs }: Ways): Promise<Trial> {
  const since = performance.now();
  const told = (outcome: Outcome): Trial => ({ mutant, outcome, ms: Math.round(performance.now() - since) });
  const planted = plantedText(mutant);
  if (byTests && mutant.tests.length > 0) {
    const { ends, passes } = await run(testCommand(mutant.tests), planted, patience(cleanMs.tests));
    if (!ends) return told('time');
    if (!passes) return told('tests');
  }
  if (seeds > 0) {
    const { ends, passes, output } = await run(seedCommand(seeds), planted, patience(cleanMs.seeds));
    if (!ends) return told('time');
    if (!passes || !output.includes('"found":null')) return told('simulation');
  }
  return told('survived');
}

/** How long the tests take without a mistake. Rejects when one fails: then nothing could be told from a failure. */
export function cleanTests(tests: readonly string[]): Promise<number> {
  return clean(testCommand(tests), () => true);
}

export function cleanSeeds(seeds: number): Promise<number> {
  return seeds === 0 ? Promise.resolve(0) : clean(seedCommand(seeds), (output) => output.includes('"found":null'));
}

async function clean(command: readonly string[], isGood: (output: string) => boolean): Promise<number> {
  const since = performance.now();
  const { passes, output } = await run(command, {}, 0);
  if (!passes || !isGood(output)) throw new Error(`it fails without any mistake: ${command.join(' ')}\n${output}`);
  return Math.round(performance.now() - since);
}

/** Far more than it takes without a mistake, also when the machine has become busy. */
function patience(cleanMs: number): number {
  return 60_000 + 5 * cleanMs;
}

function plantedText({ file, mutation }: Mutant): Readonly<Record<string, string>> {
  const path = join(ROOT, file);
  return { [pathToFileURL(path).href]: mutated(readFileSync(path, 'utf8'), mutation) };
}

/** The first test that fails ends it. */
function testCommand(tests: readonly string[]): readonly string[] {
  return ['node_modules/mocha/bin/mocha.js', '--no-config', '--bail', '--timeout=60000', '--reporter=dot', ...tests];
}

function seedCommand(seeds: number): readonly string[] {
  return ['test/simulation/planted/hunt.ts', '1', String(seeds), SECONDS_A_SEED];
}

const SECONDS_A_SEED = '16';

interface Run {
  /** Whether it came to an end by itself. */
  readonly ends: boolean;
  readonly passes: boolean;
  readonly output: string;
}

/** `timeout` 0: none. */
function run(command: readonly string[], planted: Readonly<Record<string, string>>, timeout: number): Promise<Run> {
  // What is covered of a changed file says nothing about the file.
  const { NODE_V8_COVERAGE: _, ...rest } = process.env;
  const env = { ...rest, PLANTED: JSON.stringify(planted) };
  const options = { cwd: ROOT, env, timeout, killSignal: 'SIGKILL' as const, maxBuffer: 1 << 28 };
  return new Promise((resolve) => {
    execFile(process.execPath, [...NODE_OPTIONS, ...command], options, (error, stdout, stderr) => {
      resolve({ ends: error?.killed !== true, passes: error === null, output: stdout + stderr });
    });
  });
}

const NODE_OPTIONS = [
  `--import=${new URL('../simulation/planted/plant.mjs', import.meta.url).href}`,
  `--import=${new URL('plant-required.mjs', import.meta.url).href}`,
  '--import=tsx',
  '--conditions=understudy-source',
];

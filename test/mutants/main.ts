/**
 * `npm run mutants`: makes mistakes by rule in the sources, and reports which of them neither tests nor simulation
 * catch.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { SeededRandom } from '@understudy/testkit';
import { mutationsOf } from './mutations.ts';
import { scoreOf, survivorsOf, tableOf } from './report.ts';
import { ROOT, SUBJECTS, type Subject, testsBySource } from './subjects.ts';
import { readTriage } from './triage.ts';
import { cleanSeeds, cleanTests, type Mutant, type Trial, trialOf } from './trial.ts';

const HELP = `Usage: npm run mutants -- [options]

  --folder PART   only in files whose path contains this
  --sample N      so many of the mistakes, drawn at random (50); "all": each of them
  --seed S        of the sample (1)
  --seeds N       seeds of the simulation for each mistake that the tests let pass (20); 0: none
  --no-tests      only the simulation
  --list          only print the mistakes
  --least PART    exit 1 when a smaller share is caught, such as 0.9; equivalent ones do not count
  --json FILE     write each mistake and what came of it to a file
  --help          print this

No file is changed. A mistake that makes the tests or the simulation run for over five times as long, and a minute,
counts as caught.`;

const { values } = parseArgs({
  options: {
    folder: { type: 'string', default: '' },
    sample: { type: 'string', default: '50' },
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '20' },
    'no-tests': { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    least: { type: 'string', default: '0' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) console.log(HELP);
else if (values.list)
  for (const { file, mutation } of sample()) console.log(`${file}:${mutation.line} ${mutation.rule}`);
else process.exitCode = await main();

async function main(): Promise<number> {
  const mutants = sample();
  if (mutants.length === 0) throw new Error(`no file's path contains ${JSON.stringify(values.folder)}`);
  const known = readTriage();
  const trials: Trial[] = [];
  for await (const trial of tried(mutants)) {
    trials.push(trial);
    const { file, mutation } = trial.mutant;
    console.error(`${trials.length}/${mutants.length} ${trial.outcome}: ${file}:${mutation.line} ${mutation.rule}`);
    if (values.json !== undefined) writeFileSync(values.json, JSON.stringify({ seed: values.seed, trials }, null, 1));
  }
  console.log(`${tableOf(trials, known)}\n`);
  console.log(survivorsOf(trials, known));
  return scoreOf(trials, known) >= number('least') ? 0 : 1;
}

async function* tried(mutants: readonly Mutant[]): AsyncGenerator<Trial> {
  const seeds = number('seeds');
  const byTests = !values['no-tests'];
  const seedsMs = await cleanSeeds(seeds);
  const testsMs = new Map<string, number>();
  for (const mutant of mutants) {
    const cleanMs = testsMs.get(mutant.folder) ?? (byTests ? await cleanTests(mutant.tests) : 0);
    testsMs.set(mutant.folder, cleanMs);
    yield await trialOf(mutant, { byTests, seeds, cleanMs: { tests: cleanMs, seeds: seedsMs } });
  }
}

/** In the order of the sources, so that the mistakes of a file are together. */
function sample(): readonly Mutant[] {
  const all = SUBJECTS.flatMap(mutantsOf);
  const wanted = values.sample === 'all' ? all.length : number('sample');
  const random = new SeededRandom(number('seed'));
  const drawn = all.map((mutant, at) => ({ mutant, at, lot: random.number() }));
  drawn.sort((one, other) => one.lot - other.lot);
  const kept = drawn.slice(0, wanted).sort((one, other) => one.at - other.at);
  return kept.map(({ mutant }) => mutant);
}

function mutantsOf(subject: Subject): readonly Mutant[] {
  const { folder } = subject;
  return [...testsBySource(subject)].flatMap(([file, tests]) => {
    const mutations = file.includes(values.folder) ? mutationsOf(readFileSync(join(ROOT, file), 'utf8')) : [];
    return mutations.map((mutation) => ({ folder, file, mutation, tests }));
  });
}

function number(name: 'sample' | 'seed' | 'seeds' | 'least'): number {
  const value = Number(values[name]);
  if (!(value >= 0)) throw new Error(`--${name}: expected a number, not ${JSON.stringify(values[name])}`);
  return value;
}

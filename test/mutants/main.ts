/**
 * `npm run mutants`: makes mistakes by rule in the sources, and reports which of them neither tests nor simulation
 * catch.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { SeededRandom } from '@understudy/testkit';
import { complaintsOf, readKept } from './kept.ts';
import { scoreOf, survivorsOf, tableOf } from './report.ts';
import { SUBJECTS } from './subjects.ts';
import { readTriage } from './triage.ts';
import { type Mutant, mutantsOf, nameOf, type Trial } from './trial.ts';
import { SubjectTrials } from './trials.ts';

const HELP = `Usage: npm run mutants -- [options]

  --folder PART   only in files whose path contains this
  --sample N      so many of the mistakes, drawn at random (50); "all": each of them
  --seed S        of the sample (1)
  --seeds N       seeds of the simulation for each mistake that the tests let pass (20); 0: none
  --no-tests      only the simulation
  --jobs N        processes at the same time, each for one folder (1)
  --list          only print the mistakes
  --least PART    exit 1 when a smaller share is caught, such as 0.9; equivalent ones do not count
  --kept          the sample of test/mutants/kept.json; exit 1 when a smaller share is caught than it says, or when
                  a mistake survives that test/mutants/survivors.json does not list
  --json FILE     write each mistake and what came of it to a file
  --help          print this

No file is changed. A mistake that makes a test or a seed run for over 20 times as long, and some seconds, counts as
caught.`;

const { values } = parseArgs({
  options: {
    folder: { type: 'string', default: '' },
    sample: { type: 'string', default: '50' },
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '20' },
    'no-tests': { type: 'boolean', default: false },
    jobs: { type: 'string', default: '1' },
    list: { type: 'boolean', default: false },
    least: { type: 'string', default: '0' },
    kept: { type: 'boolean', default: false },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const kept = values.kept ? readKept() : undefined;
const seed = kept?.seed ?? values.seed;
if (values.help) console.log(HELP);
else if (values.list)
  for (const { file, mutation } of sample()) console.log(`${file}:${mutation.line} ${mutation.rule}`);
else process.exitCode = await main();

async function main(): Promise<number> {
  const mutants = sample();
  if (mutants.length === 0) throw new Error(`no file's path contains ${JSON.stringify(values.folder)}`);
  const known = readTriage();
  const trials = await triedBy(number('jobs'), mutants);
  console.log(`${tableOf(trials, known)}\n`);
  console.log(survivorsOf(trials, known));
  const complaints = kept === undefined ? [] : complaintsOf(trials, known, kept);
  for (const complaint of complaints) console.log(complaint);
  return complaints.length === 0 && scoreOf(trials, known) >= number('least') ? 0 : 1;
}

/** As many subjects at a time. */
async function triedBy(jobs: number, mutants: readonly Mutant[]): Promise<readonly Trial[]> {
  const trials: Trial[] = [];
  const waiting = SUBJECTS.map((subject) => ({ subject, of: mutants.filter((it) => it.subject === subject) }));
  waiting.sort((one, other) => other.of.length - one.of.length);
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined && next.of.length > 0; next = waiting.shift()) {
      const ways = { byTests: !values['no-tests'], seeds: kept?.seeds ?? number('seeds') };
      for await (const trial of new SubjectTrials(next.subject, ways).of(next.of)) {
        trials.push(trial);
        tell(trial, trials.length, mutants.length);
        if (trials.length % 50 === 0) write(trials);
      }
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  write(trials);
  return trials;
}

function write(trials: readonly Trial[]): void {
  if (values.json !== undefined) writeFileSync(values.json, JSON.stringify({ seed, trials }, null, 1));
}

function tell({ mutant, outcome, by, ms }: Trial, count: number, of: number): void {
  const { file, mutation } = mutant;
  console.error(`${count}/${of} ${outcome} ${ms} ms: ${file}:${mutation.line} ${mutation.rule} ${by.slice(0, 100)}`);
}

/**
 * In the order of the sources, so that the mistakes of a file are together. A mistake's lot depends on its own text
 * alone: a change of a file leaves the sample of the others as it is.
 */
function sample(): readonly Mutant[] {
  const all = SUBJECTS.flatMap(mutantsOf).filter(({ file }) => file.includes(values.folder));
  const wanted = kept?.sample ?? (values.sample === 'all' ? all.length : number('sample'));
  const drawn = all.map((mutant, at) => ({
    mutant,
    at,
    lot: new SeededRandom(`${seed} ${nameOf(mutant)}`).number(),
  }));
  drawn.sort((one, other) => one.lot - other.lot);
  const drawnFirst = drawn.slice(0, wanted).sort((one, other) => one.at - other.at);
  return drawnFirst.map(({ mutant }) => mutant);
}

function number(name: 'sample' | 'seeds' | 'least' | 'jobs'): number {
  const value = Number(values[name]);
  if (!(value >= 0)) throw new Error(`--${name}: expected a number, not ${JSON.stringify(values[name])}`);
  return value;
}

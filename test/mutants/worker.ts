/**
 * A process that loads the tests of one subject once, and tries one mistake after the other on them: it turns the
 * mistake's switch on, runs the tests that reach it, the quickest first, up to the first failure, and then the seeds of
 * the simulation that reach it.
 *
 * A failure counts only if the same step passes with the switch off again: otherwise an earlier mistake has left
 * something behind, and the command tries the mistake once more in a new process.
 */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { stopwatch } from './stopwatch.ts';
import { SECONDS_A_SEED } from './subjects.ts';
import { SWITCH } from './switched.ts';
import { Switches } from './switches.ts';
import { TestRun } from './test-run.ts';
import type { FromWorker, Step, Task, Verdict } from './worker-messages.ts';

/** Of the processor, for the tests of one mistake. */
const TESTS_MS = 5_000;
const USUAL_SEED_MS = 1_000;

const task = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Task;
delete process.env.PLANTED_FILE; // processes that tests start know no switches: they read the sources as they are
const switches = new Switches();
Object.defineProperty(globalThis, SWITCH, { value: switches.isOn });
let stray: unknown;
let isReady = false;
process.on('unhandledRejection', (reason) => {
  throw reason; // while tests run, mocha has the test fail
});
process.on('uncaughtException', (error) => {
  stray ??= error;
  if (!isReady) say({ kind: 'broken', text: String(error.stack) });
});
fc.configureGlobal({ seed: 1 }); // the same cases in each run: a mistake is caught always or never

const say = (message: FromWorker) => process.send?.(message);

switches.on = task.atLoad;
switches.startRecording();
// Not sooner: it loads sources, and they ask for their switches.
const { simulate } = await import('@understudy/testkit');
const tests = await TestRun.load(task.tests, (ms) => say({ kind: 'alive', ms }));
const loaded = switches.stopRecording();
switches.on = 0;
const measured = task.measured ?? { atLoad: loaded, tests: await measuredTests(), seeds: await measuredSeeds() };
isReady = true;
say({ kind: 'ready', measured });
process.on('disconnect', () => process.exit()); // the command was killed
process.on('message', (id: number) => {
  void tried(id).then((verdict) => say({ kind: 'told', verdict }));
});

async function measuredTests(): Promise<readonly Step[]> {
  const { steps, failed } = await tests.measured(switches);
  if (failed !== undefined) say({ kind: 'broken', text: `${failed.title}\n${failed.text}` });
  return steps;
}

async function measuredSeeds(): Promise<readonly Step[]> {
  const steps: Step[] = [];
  for (let seed = 1; seed <= task.seeds; seed++) {
    say({ kind: 'alive', ms: USUAL_SEED_MS });
    switches.startRecording();
    const spent = stopwatch();
    const found = await violationOf(seed);
    if (found !== undefined) say({ kind: 'broken', text: `seed ${seed}: ${found}` });
    steps.push({ title: `seed ${seed}`, ...spent(), reached: switches.stopRecording() });
  }
  return steps;
}

async function violationOf(seed: number): Promise<string | undefined> {
  const [violation] = (await simulate({ seed, seconds: SECONDS_A_SEED, faults: 'all' })).violations;
  return violation === undefined ? undefined : JSON.stringify(violation);
}

async function tried(id: number): Promise<Verdict> {
  const reaches = (step: Step) => measured.atLoad.includes(id) || step.reached.includes(id);
  return (
    (await triedByTests(id, measured.tests.filter(reaches))) ?? (await triedBySeeds(id, measured.seeds.filter(reaches)))
  );
}

/** The quickest, as many as the time allows: the rest catch little that these do not, and take most of the time. */
function affordable(steps: readonly Step[]): readonly Step[] {
  let leftMs = TESTS_MS;
  return [...steps].sort((one, other) => one.cpuMs - other.cpuMs).filter(({ cpuMs }) => (leftMs -= cpuMs) >= 0);
}

async function triedByTests(id: number, steps: readonly Step[]): Promise<Verdict | undefined> {
  const failed = await switches.while(id, () => tests.firstFailure(affordable(steps)));
  if (failed === undefined) return undefined;
  if (failed.isTimeout) return { outcome: 'time', by: failed.title, isClean: false };
  const again = await tests.firstFailure(steps.filter(({ title }) => title === failed.title));
  return { outcome: 'tests', by: failed.title, isClean: again === undefined && stray === undefined };
}

async function triedBySeeds(id: number, steps: readonly Step[]): Promise<Verdict> {
  stray = undefined;
  for (const { title, ms } of steps) {
    say({ kind: 'alive', ms });
    const found = await switches.while(id, () => violationOf(Number(title.slice('seed '.length))).catch(String));
    if (found !== undefined) return { outcome: 'simulation', by: `${title}: ${found}`, isClean: true };
    if (stray !== undefined) return { outcome: 'simulation', by: `${title}: ${String(stray)}`, isClean: false };
  }
  return { outcome: 'survived', by: '', isClean: true };
}

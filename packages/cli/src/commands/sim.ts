/** `understudy sim`: simulates a faulty cluster from seeds, and reports the properties that did not hold. */
import { realWorld } from '@understudy/rpc';
import { SHAPES } from '@understudy/testkit';
import { Command, Option } from 'commander';
import { Signals } from '../daemon.ts';
import { CommandFailure, EXIT } from '../exit.ts';
import { integer, jsonOption, ListOption } from '../options.ts';
import { complainOf } from '../output/complaint.ts';
import { Batch } from '../sim/batch.ts';
import { FAULT_GROUPS } from '../sim/fault-list.ts';
import { Progress } from '../sim/progress.ts';
import { shortcomingInWords } from '../sim/report.ts';
import { requestOf, type SimOptions, type SimRequest } from '../sim/request.ts';
import { Tally } from '../sim/tally.ts';
import type { Outcome, Seed, Task } from '../sim/task.ts';
import { tellerFor } from '../sim/teller.ts';
import { WorkerProcess } from '../sim/worker-process.ts';

/** The exit code that a shell gives after SIGINT. */
const INTERRUPTED = 130;
const MOST_SEEDS = 1_000_000;

/** Simulates for the command, one seed at a time. */
export interface Worker {
  perform(task: Task): Promise<Outcome>;
  end(): Promise<void>;
}

/** @param newWorker Default: processes of their own. */
export function simCommand(newWorker: () => Worker = () => new WorkerProcess()): Command {
  return new Command('sim')
    .description('Simulate a faulty cluster, from seeds, and check every property of it.')
    .option('--seed <S>', 'one run: a number, or any text', seed)
    .option('--seeds <N>', 'a batch of runs', integer(1, MOST_SEEDS))
    .option('--from <S>', 'the first seed of the batch (default: 1)', integer(0, Number.MAX_SAFE_INTEGER - MOST_SEEDS))
    .option(
      '--servers <N>',
      'servers of the key/value service (default: 3; drawn where the shape is wide)',
      integer(1, 9),
    )
    .option('--backups <N>', 'backups wanted beside the primary (default: drawn from the seed)', integer(0, 8))
    .option('--clients <N>', 'clients that work on it (default: 5)', integer(1, 100))
    .option(
      '--seconds <N>',
      'virtual seconds of a run, the last quarter without faults (default: 60)',
      integer(4, 86_400),
    )
    .addOption(
      new ListOption(
        '--faults <LIST>',
        'classes or groups of faults, with commas; all: drawn from the seed; none (default: all)',
      ),
    )
    .option('--disk', 'servers and monitor keep what they know on disk (default: drawn from the seed)')
    .option('--no-disk', 'they keep it in memory alone')
    .option('--little-memory', 'servers have little memory, and clients fill it (default: drawn from the seed)')
    .option('--no-little-memory', 'servers have more memory than clients fill')
    .addOption(
      new Option('--shape <NAME>', 'what every run shows that most do not (default: drawn from the seed)').choices(
        SHAPES,
      ),
    )
    .option('--jobs <N>', 'processes that simulate (default: one a core; one with --seed)', integer(1, 256))
    .option('--trace <FILE>', 'with --seed: write what happens to FILE, one JSON object a line')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
The same seed and options give the same run and the same digest. Groups of faults: ${Object.keys(FAULT_GROUPS).join(', ')}; a wrong name
lists the classes. Exits 0 when every property held, 1 when one did not; a batch of 200 seeds or more with all faults fails
also when it has not seen every situation of the list. A seed that is "halted" is no failure: more went wrong than the
service is made to survive, and it stood still rather than answer wrongly. Ctrl-C prints what is done so far and exits ${INTERRUPTED}.

Run fresh seeds:        understudy sim --seeds 500 --from 20000
Look at one of them:    understudy sim --seed 20017 --trace run.jsonl; understudy replay run.jsonl
Choose what goes wrong: understudy sim --seeds 50 --faults network,crash`,
    )
    .action((options: SimOptions) => sim(requestOf(options), options.json === true, newWorker));
}

/** A number if it is written as one. */
function seed(text: string): Seed {
  const number = Number(text);
  return Number.isFinite(number) && String(number) === text ? number : text;
}

async function sim(request: SimRequest, json: boolean, newWorker: () => Worker): Promise<void> {
  const { clock } = realWorld();
  const began = clock.now();
  const tally = new Tally();
  const teller = tellerFor(request, json);
  using signals = new Signals(['SIGINT', 'SIGTERM'], () => process.exit(INTERRUPTED));
  let ending: Ending;
  {
    using progress = process.stderr.isTTY ? new Progress(request.seeds.length, process.stderr, clock) : undefined;
    const batch = new Batch(request.seeds, {
      onDone: (outcome) => progress?.add(outcome),
      onNext: (outcome) => {
        tally.add(outcome);
        if (outcome.result.violations.length > 0) progress?.clear();
        teller.tell(outcome);
      },
    });
    ending = await untilItEnds(batch, request, newWorker, signals);
  }
  if (ending.kind !== 'failed' || tally.totals.seeds > 0) teller.conclude(tally, clock.now() - began);
  settle(ending, tally, request, json);
}

type Ending =
  | { readonly kind: 'complete' }
  | { readonly kind: 'interrupted'; readonly underWay: readonly Seed[] }
  | { readonly kind: 'failed'; readonly error: unknown };

/** When this resolves, no worker is left. */
async function untilItEnds(
  batch: Batch,
  { jobs, isBatch, settings, trace }: SimRequest,
  newWorker: () => Worker,
  signals: Signals,
): Promise<Ending> {
  const workers = Array.from({ length: jobs }, newWorker);
  const more = { countsViews: !isBatch, ...(trace === undefined ? {} : { trace }) };
  const running = batch.run(workers.map((worker) => (it) => worker.perform({ seed: it, settings, ...more })));
  try {
    const first = await Promise.race([running, signals.first]);
    return first === 'signal' ? { kind: 'interrupted', underWay: batch.underWay } : { kind: 'complete' };
  } catch (error) {
    return { kind: 'failed', error };
  } finally {
    running.catch(() => {});
    await Promise.all(workers.map((worker) => worker.end()));
    batch.tellEarly();
  }
}

function settle(ending: Ending, tally: Tally, request: SimRequest, json: boolean): void {
  if (ending.kind === 'failed') throw ending.error;
  if (ending.kind === 'interrupted') {
    const underWay = ending.underWay.length === 0 ? '' : `; under way: seed ${ending.underWay.join(', ')}`;
    complainOf(new CommandFailure(`interrupted${underWay}`), { json });
    process.exitCode = INTERRUPTED;
    return;
  }
  const shortcoming = shortcomingInWords(tally, request);
  if (shortcoming !== '') throw new CommandFailure(shortcoming);
  if (tally.totals.violated > 0) process.exitCode = EXIT.failure;
}

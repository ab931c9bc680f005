/** A process that simulates. It takes one seed after the other from the command that started it, and ends with it. */
import { realWorld, UnderstudyError } from '@understudy/rpc';
import { simulate } from '@understudy/testkit';
import { UsageError } from '../exit.ts';
import { describeError } from '../output/complaint.ts';
import type { Answer, Outcome, Task } from './task.ts';
import { TraceFile } from './trace-file.ts';

const { clock } = realWorld();

process.on('message', (task: Task) => {
  void answer(task).then((told) => process.send?.(told));
});
process.on('disconnect', () => process.exit());
// A terminal sends these signals to all of its processes. The command decides when to end.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

async function answer(task: Task): Promise<Answer> {
  try {
    return { kind: 'done', outcome: await perform(task) };
  } catch (error) {
    const isWrongUsage =
      error instanceof UsageError || (error instanceof UnderstudyError && error.name === 'INVALID_PARAMS');
    return { kind: 'failed', isWrongUsage, message: describeError(error) };
  }
}

/** Reads the clock before and after a run. During a run, no code may read it. */
async function perform({ seed, settings, countsViews, trace }: Task): Promise<Outcome> {
  const file = trace === undefined ? undefined : await TraceFile.open(trace);
  const began = clock.now();
  if (countsViews !== true) return { result: await simulate({ ...settings, seed }), tookMs: clock.now() - began };
  let views = 0;
  const result = await simulate({
    ...settings,
    seed,
    onEvent: (event) => {
      if (event.kind === 'view') views += 1;
      file?.add(event);
    },
  });
  const tookMs = clock.now() - began;
  await file?.close();
  return { result, tookMs, views };
}

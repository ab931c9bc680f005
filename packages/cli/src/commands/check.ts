/** `understudy check FILE`: is this history linearizable? */
import { readFileSync } from 'node:fs';
import { realWorld } from '@understudy/rpc';
import { type CheckResult, type CheckVerdict, checkLinearizable } from '@understudy/testkit';
import { Command } from 'commander';
import { UsageError } from '../exit.ts';
import { fileFailure } from '../file-failure.ts';
import { historiesIn, type NamedHistory, namingTheField } from '../histories.ts';
import { integer, jsonOption } from '../options.ts';
import { printAnswer } from '../output.ts';
import { duration } from '../table.ts';

interface Options {
  readonly budget?: number;
  readonly states?: number;
  readonly json?: boolean;
}

/** The worst of several histories decides. A violation is worse than an undecided history. */
const EXITS: Readonly<Record<CheckVerdict, number>> = { linearizable: 0, violation: 1, undecided: 3 };

export function checkCommand(): Command {
  return new Command('check')
    .description('Say whether a history of operations is linearizable, and if not, show why.')
    .argument('<FILE>', 'a history as JSON, or one a line; "-" reads standard input')
    .option('--budget <N>', 'attempts to let an operation take effect, until it gives up (10 million)', integer(1))
    .option(
      '--states <N>',
      'what it may remember of one key, until it gives up (1 million: some hundred megabytes)',
      integer(1),
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
A history: { "model": "kv", "init": null, "events": [{ "client", "call", "return", "op", "key", "value", "output" }] },
op being get, put, append, delete, cas (value: [old, new]) or putHash; "return": null where the outcome is unknown;
"fail": true where it certainly did nothing; "model": "register" without keys. With --json one result a history.
Exits 0 when linearizable, 1 when not, 3 when undecided; of several histories: 1 when any is not, else 3 when any is
undecided; 2 when the input is not a history.`,
    )
    .action((file: string, options: Options) => {
      const verdicts = historiesIn(file, readText(file)).map((history) => check(history, options));
      const worst = (['violation', 'undecided'] as const).find((verdict) => verdicts.includes(verdict));
      process.exitCode = EXITS[worst ?? 'linearizable'];
    });
}

function check({ name, history }: NamedHistory, { budget: steps, states, ...options }: Options): CheckVerdict {
  const { clock } = realWorld();
  const began = clock.now();
  const result = namingTheField(name, () => checkLinearizable(history, { budget: { steps, states } }));
  printAnswer(options, result, inWords(name, result, clock.now() - began));
  return result.verdict;
}

function inWords(
  name: string,
  { verdict, operations, keys, unknown, undecided, outOfStates, violation }: CheckResult,
  ms: number,
): string {
  const counts = `${count(operations, 'operation')} on ${count(keys, 'key')}, ${unknown} with unknown outcome`;
  const headline = `${name}: ${verdict}: ${counts}, in ${duration(ms)}`;
  if (violation !== undefined) return `${headline}\n\n${violation.text}\n`;
  if (verdict !== 'undecided') return headline;
  const outOfSteps = undecided.filter((key) => !outOfStates.includes(key));
  const wants = [...wantsMore(outOfSteps, '--budget'), ...wantsMore(outOfStates, '--states')];
  return `${headline}; the budget did not suffice for ${wants.join(', nor for ')}`;
}

function wantsMore(keys: readonly string[], option: string): string[] {
  return keys.length === 0 ? [] : [`${keys.map((key) => JSON.stringify(key)).join(', ')}: try a larger ${option}`];
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

function readText(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    const failure = fileFailure(file, error);
    throw failure === undefined ? error : new UsageError(failure);
  }
}

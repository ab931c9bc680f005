/** The command line of `npm run siege`. */
import { existsSync, readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { FAULT_NAMES, type FaultName } from './faults/catalogue.ts';

export interface SiegeOptions {
  readonly seed: string;
  readonly minutes: number;
  readonly faults: readonly FaultName[];
  readonly json: boolean;
  readonly directory: string | undefined;
  readonly keep: boolean;
  readonly boundSeconds: number;
  readonly maxMemoryMiB: number;
}

export class UsageError extends Error {}

export const HELP = `Usage: npm run siege -- [options]

  --minutes N       how long (60)
  --seed S          the schedule to draw (drawn at random, and printed)
  --faults LIST     only these, with commas between them; or all but these: -hostile,-clock
                    ${FAULT_NAMES.join(', ')}
  --bound SECONDS   the service answers again so soon after the faults of a round (30)
  --max-memory MIB  resident memory that no process may exceed (1,024)
  --dir DIR         where logs and histories go (a temporary directory)
  --keep            keep them, even when nothing is wrong
  --json            print the figures as one object on stdout
  --help            print this

Starts clusters of real processes, one after the other: monitor and three servers, with and without a data directory, every link through
a proxy. Recorded clients work on it in rounds of half a minute, while faults strike. After each round everything heals, the
service has to answer every client and be at full strength again, and \`understudy check\` decides whether the round's history is
linearizable. No copy of the data is destroyed unless another one is good.

Ctrl-C ends the round, checks what there is, and prints the table. A second one ends at once.
Exits 0 when everything held, 1 when something did not (logs and histories are kept, and the directory is printed), 2 on wrong usage.
The same seed draws the same schedule; what it meets depends on the machine, so a failure need not come again.`;

/** Undefined: the help was asked for. */
export function readOptions(args: readonly string[]): SiegeOptions | undefined {
  const { values } = parsed(args);
  if (values.help) return undefined;
  return {
    seed: values.seed ?? String(Math.floor(Math.random() * 1e9)),
    minutes: positive('--minutes', values.minutes),
    faults: faultsIn(values.faults),
    json: values.json,
    directory: emptyDirectory(values.dir),
    keep: values.keep,
    boundSeconds: positive('--bound', values.bound),
    maxMemoryMiB: positive('--max-memory', values['max-memory']),
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        minutes: { type: 'string', default: '60' },
        seed: { type: 'string' },
        faults: { type: 'string', default: 'all' },
        bound: { type: 'string', default: '30' },
        'max-memory': { type: 'string', default: '1024' },
        dir: { type: 'string' },
        keep: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function positive(option: string, text: string): number {
  const number = Number(text);
  if (Number.isFinite(number) && number > 0) return number;
  throw new UsageError(`${option}: ${JSON.stringify(text)} is not a number above 0`);
}

function emptyDirectory(path: string | undefined): string | undefined {
  if (path === undefined || !existsSync(path)) return path;
  if (readdirSync(path).length > 0) throw new UsageError(`--dir: ${path} is not empty`);
  return path;
}

function faultsIn(list: string): readonly FaultName[] {
  if (list === 'all') return FAULT_NAMES;
  if (list === 'none') return [];
  const words = list.split(',').map((word) => word.trim());
  const unwanted = words.filter((word) => word.startsWith('-')).map((word) => faultNamed(word.slice(1)));
  const wanted = words.filter((word) => !word.startsWith('-')).map(faultNamed);
  return (wanted.length > 0 ? wanted : FAULT_NAMES).filter((fault) => !unwanted.includes(fault));
}

function faultNamed(word: string): FaultName {
  const found = FAULT_NAMES.find((name) => name === word);
  if (found === undefined) throw new UsageError(`--faults: there is no fault ${JSON.stringify(word)}`);
  return found;
}

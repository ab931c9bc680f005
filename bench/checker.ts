/** How long the linearizability checker takes for long histories, good ones and such with one stale read. */
import { parseArgs } from 'node:util';
import { checkLinearizable, type History } from '@understudy/testkit';
import { type HistoryShape, longHistory, type Mix, withStaleRead } from './support/history.ts';
import { machine, megabytes, ms, printTable, quantile, writeJson } from './support/report.ts';
import { numberedHistory } from './support/unknown-hashes.ts';

const HELP = `Usage: npm run bench:checker -- [options]

  --seed N      of the histories (1)
  --hashes N    instead: histories 1 to N with many putHash of unknown outcome, odd ones with a wrong read; exits 1
                when one comes out undecided or takes over 10 s of processor time, or when a good one is not found
                linearizable
  --json FILE   write the figures to a file
  --help        print this

Each history is checked three times; the median is shown, explanations of violations included. "limit" is what the good histories of
rows that have one are held to: exits 1 when one takes longer, or when a good history is not found linearizable.`;

const MIXES: Readonly<Record<string, Mix>> = {
  all: { get: 8, put: 4, append: 3, cas: 3, delete: 1, putHash: 1 },
  register: { get: 1, put: 1 },
  cas: { get: 2, put: 1, cas: 2 },
  appends: { get: 4, append: 4, put: 1 },
};

type Size = Pick<HistoryShape, 'operations' | 'keys' | 'clients' | 'unknown'>;

const SIZES: readonly (Size & { readonly limitMs?: number })[] = [
  { operations: 100_000, keys: 100, clients: 10, unknown: 0, limitMs: 1_000 },
  { operations: 100_000, keys: 100, clients: 10, unknown: 0.01 },
  { operations: 5_000, keys: 10, clients: 50, unknown: 0.01, limitMs: 1_000 },
  { operations: 20_000, keys: 10, clients: 50, unknown: 0.01 },
];

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    hashes: { type: 'string' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) console.log(HELP);
else if (values.hashes !== undefined) process.exitCode = judge(Number(values.hashes));
else process.exitCode = measure(Number(values.seed));

function judge(histories: number): number {
  const rows: string[][] = [['number', 'good', 'verdict', 'processor time', 'steps', 'shape']];
  let failures = 0;
  for (let number = 1; number <= histories; number++) {
    const { history, isGood, shape } = numberedHistory(number);
    const began = process.cpuUsage().user;
    const { verdict, steps } = checkLinearizable(history);
    const tookMs = (process.cpuUsage().user - began) / 1_000;
    const isWrong = verdict === 'undecided' || (isGood && verdict !== 'linearizable');
    if (!isWrong && tookMs <= 10_000) continue;
    failures += 1;
    console.error(`${number}: ${verdict} ${ms(tookMs)}`);
    rows.push([number, isGood ? 'yes' : 'no', verdict, ms(tookMs), steps, shape].map(String));
  }
  printTable(rows);
  console.log(`${failures} of ${histories} failed`);
  return failures === 0 ? 0 : 1;
}

function measure(seed: number): number {
  const rows: string[][] = [
    ['operations', 'keys', 'clients', 'unknown', 'mix', 'values', 'good', 'stale read', 'limit', 'memory'],
  ];
  const measures: object[] = [];
  let failures = 0;
  for (const { limitMs, ...size } of SIZES) {
    for (const [name, mix] of Object.entries(MIXES)) {
      for (const of of ['unique', 5] as const) {
        const history = longHistory({ ...size, seed, mix, values: of });
        const good = timed(history);
        const bad = timed(withStaleRead(history, 0.6, 1));
        if (good.verdict !== 'linearizable' || good.tookMs > (limitMs ?? Number.POSITIVE_INFINITY)) failures += 1;
        measures.push({ ...size, mix: name, values: of, limitMs, good, bad });
        const limit = limitMs === undefined ? '' : ms(limitMs);
        console.error(`${size.operations} operations, ${name}, ${of}: ${inWords(good)}`);
        const shape = [size.operations, size.keys, size.clients, `${size.unknown * 100} %`, name, of].map(String);
        rows.push([...shape, inWords(good), inWords(bad), limit, megabytes(process.memoryUsage().rss)]);
      }
    }
  }
  printTable(rows);
  writeJson(values.json, { machine: machine(), seed, measures });
  return failures === 0 ? 0 : 1;
}

interface Timed {
  readonly verdict: string;
  readonly tookMs: number;
}

function timed(history: History): Timed {
  const times: number[] = [];
  let verdict = '';
  for (let round = 0; round < 3; round++) {
    const began = performance.now();
    verdict = checkLinearizable(history).verdict;
    times.push(performance.now() - began);
  }
  return { verdict, tookMs: quantile(times, 0.5) };
}

/** A stale value may still be possible, where others write the same. */
function inWords({ verdict, tookMs }: Timed): string {
  return `${verdict} ${ms(tookMs)}`;
}

/** `npm run coverage:simulation`: prints the code that no seed of a batch ever reached. */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { unreachedBy } from './batch.ts';
import { compare, type Difference, type Found } from './expectation.ts';
import { UNREACHED } from './unreached.ts';

const HELP = `Usage: npm run coverage:simulation -- [options]

  --seeds N   seeds to play (200)
  --from S    the first seed (1)
  --jobs N    processes at once (one a core)
  --all       print also what is listed in test/simulation/code-coverage/unreached.ts
  --json      print all as JSON
  --help      print this

Plays seeds with V8's counters on, and prints what no seed reached in servers, monitor and client: file, line,
and the code of that line. Exits 1 when something of it is not listed with a reason.`;

const text = { type: 'string' } as const;
const flag = { type: 'boolean', default: false } as const;
const { values } = parseArgs({
  options: { seeds: text, from: text, jobs: text, all: flag, json: flag, help: flag },
});

function whole(option: 'seeds' | 'from' | 'jobs', otherwise: number): number {
  const given = Number(values[option] ?? otherwise);
  if (Number.isSafeInteger(given) && given > 0) return given;
  console.error(`--${option}: ${JSON.stringify(values[option])} is not a whole number above 0`);
  process.exit(2);
}

async function measure(): Promise<void> {
  const seeds = whole('seeds', 200);
  let done = 0;
  const onSeed = () => {
    done += 1;
    if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${seeds} seeds${done === seeds ? '\n' : ''}`);
  };
  const found = await unreachedBy({
    from: whole('from', 1),
    seeds,
    jobs: whole('jobs', availableParallelism()),
    onSeed,
  });
  const difference = compare(found, UNREACHED);
  if (values.json) console.log(JSON.stringify({ seeds, found: Object.fromEntries(found), ...difference }));
  else print(seeds, found, difference);
  if (difference.unlisted.length > 0) process.exitCode = 1;
}

function print(seeds: number, found: Found, { unlisted, outdated, expected }: Difference): void {
  const all = [...found].flatMap(([file, stretches]) => stretches.map((stretch) => ({ file, ...stretch })));
  const shown = values.all ? all : unlisted;
  let last = '';
  for (const { file, line, code } of shown) {
    if (file !== last) console.log(file);
    last = file;
    console.log(`${String(line).padStart(5)}  ${code}`);
  }
  for (const { file, code } of outdated) console.log(`listed, but reached or gone: ${file}: ${code}`);
  console.log(`${seeds} seeds: ${unlisted.length} stretches never reached and not listed; ${expected} listed`);
}

if (values.help) console.log(HELP);
else await measure();

/**
 * Makes `test/replay/traces/stale-read.jsonl` anew: the shortest of a few runs in which a planted bug, a lease that is a flag, lets a
 * deposed primary answer. `node --import tsx test/replay/support/make-violation.ts`, from the root.
 */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { PLANTED_BUGS } from '../../simulation/planted/bugs.ts';
import { plant } from '../../simulation/planted/planting.ts';

const ROOT = new URL('../../../', import.meta.url);
const RUNS = 12;
const bug = PLANTED_BUGS.find(({ name }) => name === 'a lease is a flag');
if (bug === undefined) throw new Error('that bug is not planted any more');

async function record(from: number): Promise<string> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      `--import=${new URL('test/simulation/planted/plant.mjs', ROOT).href}`,
      '--import=tsx',
      '--conditions=understudy-source',
      fileURLToPath(new URL('record.ts', import.meta.url)),
      ...[String(from), '40', '8', '3', 'depose,partition'],
    ],
    {
      cwd: fileURLToPath(ROOT),
      maxBuffer: 2 ** 26,
      env: { ...process.env, PLANTED: JSON.stringify(plant(bug ?? { name: '', edits: [] })) },
    },
  );
  return stdout;
}

const traces: string[] = [];
for (let run = 0; run < RUNS; run++) {
  const trace = await record(run * 1_000);
  const seen = trace.includes('"view":{"viewnum":3');
  console.error(`from ${run * 1_000}: ${trace.length} characters${seen ? '' : ', too few views'}`);
  if (seen) traces.push(trace);
}
const [shortest = ''] = traces.sort((one, other) => one.length - other.length);
await writeFile(new URL('../traces/stale-read.jsonl', import.meta.url), shortest);

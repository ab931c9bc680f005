/** The same seed gives the same run, whatever else differs. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { simulate } from '@understudy/testkit';
import { expect } from 'chai';

const SEEDS = 100;
const SECONDS = 8;
const DIGESTS = fileURLToPath(new URL('support/digests.ts', import.meta.url));

/** One line a seed, from a process of its own. */
async function digests(from: number, count: number): Promise<readonly string[]> {
  const args = [...process.execArgv, DIGESTS, String(from), String(count), String(SECONDS)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return stdout.trim().split('\n');
}

describe('simulation is deterministic', () => {
  it(`${SEEDS} seeds give the same digests in two processes, and none the digest of another`, async function () {
    this.timeout(180_000);
    const [one, other] = await Promise.all([digests(1, SEEDS), digests(1, SEEDS)]);
    expect(one).to.have.lengthOf(SEEDS);
    expect(other).to.deep.equal(one);
    expect(new Set(one.map((line) => line.split(' ')[1])).size).to.equal(SEEDS);
  });

  it('what ran before in the same process makes no difference', async () => {
    const run = async () => (await simulate({ seed: 'again', seconds: SECONDS })).digest;
    const first = await run();
    await simulate({ seed: 'something else', seconds: SECONDS });
    expect(await run()).to.equal(first);
  });

  it('a number and its text are the same seed', async () => {
    const [number, text] = [await simulate({ seed: 12, seconds: 4 }), await simulate({ seed: '12', seconds: 4 })];
    expect(text.digest).to.equal(number.digest);
  });

  it('other options give another run', async () => {
    const options = { seed: 5, seconds: 6, faults: 'none' } as const;
    const runs = [options, { ...options, clients: 4 }, { ...options, servers: 4 }, { ...options, backups: 2 }];
    const found = [];
    for (const each of runs) found.push((await simulate(each)).digest);
    expect(new Set(found).size).to.equal(runs.length);
  });
});

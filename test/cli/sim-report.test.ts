import { SITUATIONS, type SimulationResult } from '@understudy/testkit';
import { expect } from 'chai';
import sinon from 'sinon';
import { simCommand, type Worker } from '../../packages/cli/src/commands/sim.ts';
import { CommandFailure } from '../../packages/cli/src/exit.ts';
import { Progress, progressLine } from '../../packages/cli/src/sim/progress.ts';
import type { Task } from '../../packages/cli/src/sim/task.ts';
import { span, wrapped } from '../../packages/cli/src/words.ts';

type Seed = SimulationResult['seed'];

interface Told {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly error: Error | undefined;
}

const BROKEN = {
  violations: [
    { property: 'one primary acts per view', rules: 'R1, V3', message: 'a and b act\nboth in view 4', atMs: 12_345.6 },
    { property: 'a run comes to its end', rules: '', message: 'it hangs', atMs: 12_346 },
  ],
};

describe('what understudy sim tells', () => {
  it('the first seed that failed in full, with the line that replays it; the others in a line each', async () => {
    const { code, stdout } = await told(['--seeds', '4', '--servers', '4', '--faults', 'network,crash'], (seed) =>
      Number(seed) % 2 === 0 ? BROKEN : {},
    );
    expect(code).to.equal(1);
    expect(stdout.split('\n').slice(0, 11)).to.deep.equal([
      'seed 2: VIOLATED after 12.346 s: one primary acts per view (R1, V3)',
      '  a and b act',
      '  both in view 4',
      'seed 2: VIOLATED after 12.346 s: a run comes to its end',
      '  it hangs',
      '  replay it: understudy sim --seed 2 --servers 4 --faults network,crash',
      '  watch it:  understudy sim --seed 2 --servers 4 --faults network,crash --trace run.jsonl; understudy replay run.jsonl',
      'seed 4: VIOLATED after 12.346 s: one primary acts per view (R1, V3): a and b act',
      '',
      '4 seeds: 2 went well, 2 violated, 0 halted',
      '40 operations, 400 events',
    ]);
  });

  it('one seed that failed: what was broken, then the run', async () => {
    const { code, stdout } = await told(['--seed', "it's", '--seconds', '30'], () => BROKEN);
    expect(code).to.equal(1);
    expect(stdout).to.include(
      `  replay it: understudy sim --seed 'it'\\''s' --seconds 30\n  watch it:  understudy sim --seed `,
    );
    expect(stdout).to.include(" --trace run.jsonl; understudy replay run.jsonl\nseed it's: 2 violations\n");
  });

  for (const option of ['--disk', '--no-disk', '--little-memory', '--no-little-memory'])
    it(`with ${option} where every run was to be so`, async () => {
      const { stdout } = await told(['--seeds', '2', option], () => BROKEN);
      expect(stdout).to.include(`  replay it: understudy sim --seed 1 ${option}\n`);
    });

  it('with the shape of all runs where they were to have one', async () => {
    const { stdout } = await told(['--seeds', '2', '--shape', 'wide'], () => BROKEN);
    expect(stdout).to.include('  replay it: understudy sim --seed 1 --shape wide\n');
  });

  it('as JSON the object alone, with exit code 1, and the line that replays on stderr', async () => {
    const { code, stdout, stderr } = await told(['--seeds', '3', '--json'], (seed) => (seed === 2 ? BROKEN : {}));
    expect(code).to.equal(1);
    expect(JSON.parse(stdout).seeds.map(({ violations }: SimulationResult) => violations.length)).to.deep.equal([
      0, 2, 0,
    ]);
    expect(JSON.parse(stderr).error).to.deep.equal({
      name: 'FAILED',
      message: 'a property did not hold; replay it: understudy sim --seed 2',
      definite: true,
      replay: 'understudy sim --seed 2',
    });
  });

  it('halted seeds by their reason, which are no failure, and keys that nobody could judge', async () => {
    const { code, stdout } = await told(['--seeds', '9'], (seed) => ({
      halted: seed === 3 ? 'nobody is left' : Number(seed) > 3 ? 'all that held the data are gone' : '',
      undecidedKeys: seed === 1 ? 2 : 0,
    }));
    expect(code).to.equal(0);
    expect(stdout.split('\n').slice(0, 4)).to.deep.equal([
      '9 seeds: 2 went well, 0 violated, 7 halted',
      '  halted: all that held the data are gone (seeds 4, 5, 6, 7, 8 and 1 more)',
      '  halted: nobody is left (seed 3)',
      '  undecided: the histories of 2 keys took too long to judge',
    ]);
  });

  it('the five most frequent reasons to halt', async () => {
    const { stdout } = await told(['--seeds', '8'], (seed) => ({
      halted: `server ${Math.min(7, Number(seed))} is gone`,
    }));
    const lines = stdout.split('\n').filter((line) => line.startsWith('  halted: '));
    expect(lines).to.have.length(6);
    expect(lines[0]).to.equal('  halted: server 7 is gone (seeds 7, 8)');
    expect(lines[5]).to.equal('  halted: for 2 other reasons; --json has them all');
  });

  const missing = { coverage: { ...allSeen(), 'graceful leave': 0 } };

  it('fails a batch of 200 seeds that missed a situation', async () => {
    const { code, stdout, error } = await told(['--seeds', '200'], () => missing);
    expect(code).to.equal(1);
    expect(stdout).to.match(/^graceful leave +never seen$/m);
    expect(error).to.be.instanceOf(CommandFailure);
    expect(error?.message).to.equal('no seed of this batch saw: graceful leave; so it proves too little');
  });

  for (const batch of [
    '--seeds 199',
    '--seeds 200 --faults network',
    '--seeds 200 --servers 1',
    '--seeds 200 --backups 0',
    '--seeds 200 --no-disk',
    '--seeds 200 --no-little-memory',
    '--seeds 200 --little-memory',
    '--seeds 200 --shape usual',
  ]) {
    it(`only says so after ${batch}`, async () => {
      const { code, stdout, error } = await told(batch.split(' '), () => missing);
      expect({ code, error }).to.deep.equal({ code: 0, error: undefined });
      expect(stdout).to.match(/^graceful leave +never seen$/m);
    });
  }

  it('fails a batch of 200 seeds of which more than 5 % halted, although no property was broken', async () => {
    const halting = (most: number) => (seed: unknown) =>
      Number(seed) <= most
        ? { halted: 'nobody holds the data any more', coverage: allSeen() }
        : { coverage: allSeen() };
    expect((await told(['--seeds', '200'], halting(10))).code).to.equal(0);
    const { code, error } = await told(['--seeds', '200'], halting(11));
    expect(code).to.equal(1);
    expect(error?.message).to.equal('11 of 200 seeds halted, more than 5 %: the service stands still too often');
    expect((await told(['--seeds', '199'], halting(50))).code, 'too few seeds to say').to.equal(0);
  });

  it('passes a batch of 200 seeds in which one saw what the others missed', async () => {
    const { code } = await told(['--seeds', '200'], (seed) => (seed === 77 ? { coverage: allSeen() } : missing));
    expect(code).to.equal(0);
  });

  it('seeds in their order, whichever is done first', async () => {
    const late: (() => void)[] = [];
    // Each waits until all have begun; then the last goes first.
    const perform = async ({ seed }: Task) => {
      await new Promise<void>((resolve) => {
        late.unshift(resolve);
        if (late.length === 5) void letGo(late);
      });
      return { result: resultOf(seed), tookMs: 1 };
    };
    const { stdout } = await command(['--seeds', '5', '--jobs', '5', '--json'], { perform, end: async () => {} });
    expect(JSON.parse(stdout).seeds.map(({ seed }: SimulationResult) => seed)).to.deep.equal([1, 2, 3, 4, 5]);
  });

  it('what was done before a worker failed, though a seed before it was not, and ends all workers', async () => {
    const ended: number[] = [];
    const perform = (seed: number) => (seed === 1 ? Promise.reject(new Error('it died')) : Promise.resolve(BROKEN));
    const { error, stdout } = await command(['--seeds', '3', '--jobs', '2'], {
      perform: async ({ seed }) => ({ result: resultOf(seed, await perform(Number(seed))), tookMs: 1 }),
      end: async () => void ended.push(1),
    });
    expect(error?.message).to.equal('it died');
    expect(stdout)
      .to.match(/^seed 2: VIOLATED/)
      .and.match(/^[12] of 3 seeds: /m);
    expect(ended).to.have.length(2);
  });
});

describe('how far a batch is', () => {
  const standing = { seeds: 500, done: 120, violated: 1, virtualMs: 7_200_000, elapsedMs: 60_000 };

  it('is said in one line', () => {
    expect(progressLine(standing)).to.equal('120/500 seeds, 2.0/s, 120x real time, 1 violated, 3 min 10 s left');
    expect(progressLine({ ...standing, done: 0 })).to.equal('simulating, 60 s');
  });

  /** What is drawn on a terminal that says that it is so wide. */
  const drawn = (columns: number): readonly string[] => {
    let dueMs = 0;
    let draw = () => {};
    const clock = {
      now: () => dueMs,
      wallNow: () => dueMs,
      endOfTurn: () => {},
      after: (ms: number, callback: () => void) => {
        dueMs += ms;
        draw = callback;
        return { cancel: () => (draw = () => {}) };
      },
    };
    const written: string[] = [];
    const progress = new Progress(9, { columns, write: (text) => written.push(text) }, clock);
    draw();
    draw();
    progress[Symbol.dispose]();
    draw();
    return written;
  };

  it('is drawn over and over, never wider than the terminal, and leaves nothing behind', () => {
    expect(drawn(10)).to.deep.equal(['\r\u001b[Ksimulatin', '\r\u001b[Ksimulatin', '\r\u001b[K']);
  });

  it('is drawn whole on a terminal that does not know how wide it is', () => {
    expect(drawn(0)[0]).to.equal('\r\u001b[Ksimulating, 0.2 s');
  });

  it('has times as people say them', () => {
    const said = [0, 940, 9_960, 99_949, 99_950, 3_599_000, 3_600_000, 30_000_000].map(span);
    expect(said).to.deep.equal([
      '0.0 s',
      '0.9 s',
      '10 s',
      '100 s',
      '1 min 40 s',
      '59 min 59 s',
      '1 h 0 min',
      '8 h 20 min',
    ]);
  });

  it('has long lists in lines of their own', () => {
    const lines = wrapped(
      'faults: ',
      Array.from({ length: 20 }, (_, at) => `fault-${at} 12`),
    ).split('\n');
    expect(lines).to.have.length(3);
    for (const line of lines)
      expect(line)
        .to.match(/^(faults: |\s{8})fault-/)
        .and.have.lengthOf.at.most(100);
  });
});

/** Runs the command with workers that make up their results. */
function told(args: readonly string[], results: (seed: Seed) => Partial<SimulationResult>): Promise<Told> {
  const perform = async ({ seed }: Task) => ({ result: resultOf(seed, results(seed)), tookMs: 1 });
  return command(args, { perform, end: async () => {} });
}

/** An error of the command is for whoever runs it to print, and to turn into an exit code. */
async function command(args: readonly string[], worker: Worker): Promise<Told> {
  const written = { stdout: '', stderr: '' };
  const before = process.exitCode;
  process.exitCode = 0;
  const stdout = sinon.stub(process.stdout, 'write').callsFake((text) => Boolean((written.stdout += String(text))));
  const stderr = sinon.stub(process.stderr, 'write').callsFake((text) => Boolean((written.stderr += String(text))));
  try {
    let error: Error | undefined;
    await simCommand(() => worker)
      .parseAsync(args, { from: 'user' })
      .catch((reason: Error) => {
        error = reason;
      });
    return { ...written, error, code: error === undefined ? Number(process.exitCode) : 1 };
  } finally {
    stdout.restore();
    stderr.restore();
    process.exitCode = before;
  }
}

/** One after the other, each with all that follows from it. */
async function letGo(waiting: readonly (() => void)[]): Promise<void> {
  for (const go of waiting) {
    go();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function allSeen(): Record<string, number> {
  return Object.fromEntries(SITUATIONS.map((situation) => [situation, 1]));
}

function resultOf(seed: Seed, more: Partial<SimulationResult> = {}): SimulationResult {
  const counts = { operations: 10, events: 100, undecidedKeys: 0, seconds: 60 };
  return { seed, digest: `d${seed}`, ...counts, violations: [], faults: {}, coverage: allSeen(), halted: '', ...more };
}

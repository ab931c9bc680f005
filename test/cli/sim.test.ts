import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DISK_FAULTS,
  FAULT_CLASSES,
  SITUATIONS,
  type SimulationResult,
  simulate,
  type TraceEvent,
} from '@understudy/testkit';
import { expect } from 'chai';
import { FAULT_GROUPS, parseFaults } from '../../packages/cli/src/sim/fault-list.ts';
import { WorkerProcess } from '../../packages/cli/src/sim/worker-process.ts';
import { CommandProcess, eventually, isAlive, type Outcome, runHere } from './command.ts';

const SHORT = ['--seconds', '4', '--clients', '2'];

const WRONG: readonly (readonly [string, RegExp])[] = [
  ['sim', /--seed S or --seeds N/],
  ['sim --seed 1 --seeds 2', /--seed S or --seeds N/],
  ['sim --seeds 0', /Expected a whole number from 1/],
  ['sim --seeds many', /Expected a whole number/],
  ['sim --seed 1 --from 2', /--from goes with --seeds/],
  ['sim --seeds 2 --trace run.jsonl', /--trace goes with --seed/],
  ['sim --seed 1 --trace -', /--trace: it goes to a file, for the report is on stdout/],
  ['sim --seed 1 --servers 10', /Expected a whole number from 1 to 9/],
  ['sim --seed 1 --backups -1', /Expected a whole number from 0 to 8/],
  ['sim --seed 1 --clients 0', /Expected a whole number from 1 to 100/],
  ['sim --seed 1 --seconds 3', /Expected a whole number from 4/],
  ['sim --seed 1 --jobs 0', /Expected a whole number from 1/],
  ['sim --seed 1 --faults netwrk', /--faults: 'netwrk' is none of .*groups network, .*classes drop, .*crash/],
  ['sim --seed 1 --faults crash,all', /--faults: 'all' is none of /],
  ['sim --seed 1 --faults crash,,pause', /--faults: '' is none of /],
  [
    'sim --seeds 9 --faults disk-loss,crash --no-disk',
    /--faults: disk-loss cannot strike: with --no-disk there are no/,
  ],
  ['sim 17', /too many arguments/],
];

interface Printed {
  readonly seeds: readonly SimulationResult[];
  readonly coverage: Readonly<Record<string, number>>;
}

const printed = ({ stdout }: Outcome): Printed => JSON.parse(stdout);

describe('understudy sim, called wrongly or for help', () => {
  it('--help names every option, and what the exit codes mean', async () => {
    const { code, stdout } = await runHere('sim', '--help');
    expect(code).to.equal(0);
    const options = 'seed seeds from servers backups clients seconds faults jobs trace json'.split(' ');
    for (const option of options) expect(stdout).to.include(`--${option}`);
    expect(stdout).to.match(/Exits 0 .* 1 .* 130/s);
  });

  for (const [line, complaint] of WRONG) {
    it(`\`understudy ${line}\` is wrong usage: exit code 2 and one line on stderr`, async () => {
      const { code, stdout, stderr } = await runHere(...line.split(' '));
      expect(code).to.equal(2);
      expect(stdout).to.equal('');
      expect(stderr).to.match(complaint);
      expect(stderr).to.match(/^understudy: [^\n]*\n$/);
    });
  }
});

describe('understudy sim', function () {
  this.timeout(60_000);
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'understudy-sim-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('--json prints one object, what simulate() says of the seed in another process', async () => {
    const outcome = await runHere('sim', '--seed', '17', ...SHORT, '--json');
    expect(outcome).to.include({ code: 0, stderr: '' });
    const { seeds, coverage } = printed(outcome);
    expect(seeds).to.deep.equal([await simulate({ seed: 17, seconds: 4, clients: 2 })]);
    expect(Object.keys(printed(outcome))).to.deep.equal(['seeds', 'coverage']);
    expect(Object.keys(coverage)).to.have.members([...SITUATIONS]);
  });

  it('prints the same of a batch however many processes share it, in the order of the seeds', async () => {
    const batch = ['sim', '--seeds', '4', '--from', '7', ...SHORT, '--json'];
    const together = await runHere(...batch, '--jobs', '2');
    expect(together.code).to.equal(0);
    expect(printed(together).seeds.map(({ seed }) => seed)).to.deep.equal([7, 8, 9, 10]);
    expect(new Set(printed(together).seeds.map(({ digest }) => digest)).size).to.equal(4);
    expect((await runHere(...batch, '--jobs', '1')).stdout).to.equal(together.stdout);
  });

  it('takes any text for a seed, and classes and groups of faults in any order', async () => {
    const outcome = await runHere('sim', '--seed', 'any text', ...SHORT, '--faults', 'wall-jump,crash,clock', '--json');
    const faults = ['crash', 'drift', 'drift-beyond', 'wall-jump'] as const;
    const { seeds } = printed(outcome);
    expect(seeds).to.deep.equal([await simulate({ seed: 'any text', seconds: 4, clients: 2, faults })]);
    expect(Object.keys(seeds[0]?.faults ?? {})).to.include('crash');
  });

  it('every class of faults is in a group, that of disks too', () => {
    expect(Object.values(FAULT_GROUPS).flat()).to.have.members(FAULT_CLASSES);
    expect(parseFaults('disk')).to.deep.equal(DISK_FAULTS);
  });

  it('--trace writes every event of the run, and does not change it', async () => {
    const path = join(folder, 'run.jsonl');
    const { code, stdout } = await runHere('sim', '--seed', '17', ...SHORT, '--trace', path);
    expect(code).to.equal(0);
    const events: TraceEvent[] = [];
    const { digest } = await simulate({ seed: 17, seconds: 4, clients: 2, onEvent: (event) => events.push(event) });
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).to.deep.equal(JSON.parse(JSON.stringify(events)));
    expect(events.at(-1)?.kind).to.equal('end');
    expect((await simulate({ seed: 17, seconds: 4, clients: 2 })).digest).to.equal(digest);
    expect(stdout)
      .to.match(/^seed 17: every property held\n {2}digest {6}/)
      .and.include(digest);
    expect(stdout).to.match(new RegExp(`^ {2}views {7}${events.filter(({ kind }) => kind === 'view').length}$`, 'm'));
  });

  const unwritable = [join(tmpdir(), 'no-such-folder', 'run.jsonl'), '/dev/full'];
  for (const path of unwritable.filter((each) => each !== '/dev/full' || existsSync(each))) {
    it(`a trace that cannot be written to ${path.replace(tmpdir(), '...')}: one clear line, exit code 1`, async () => {
      const { code, stdout, stderr } = await runHere('sim', '--seed', '17', ...SHORT, '--trace', path);
      expect({ code, stdout }).to.deep.equal({ code: 1, stdout: '' });
      expect(stderr).to.match(new RegExp(`^understudy: --trace ${path}: (ENOENT|ENOSPC)[^\n]*\n$`));
    });
  }

  it('sums a batch up for people', async () => {
    const { code, stdout, stderr } = await runHere('sim', '--seeds', '2', ...SHORT);
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
    expect(stdout).to.match(/^2 seeds: \d went well, 0 violated, \d halted\n/);
    expect(stdout).to.match(
      /^[\d,]+ operations, [\d,]+ events\n8\.0 s of virtual time in [\d.]+ s: [\d.]+ times real time, in /m,
    );
    for (const situation of SITUATIONS)
      expect(stdout).to.match(new RegExp(`^${situation} +(never seen|[\\d,]+)$`, 'm'));
  });

  it('says which seed a worker died of', async () => {
    const worker = new WorkerProcess();
    const performing = worker.perform({ seed: 5, settings: { seconds: 86_400 } });
    process.kill(worker.pid ?? 0, 'SIGKILL');
    const error = await performing.then(
      () => undefined,
      (reason: Error) => reason,
    );
    expect(error?.message).to.match(/^the process that simulated seed 5 died of SIGKILL/);
    await worker.end();
  });

  it('Ctrl-C prints what is done so far, exits 130 and leaves no process', async () => {
    await using command = new CommandProcess('sim', '--seeds', '100000', ...SHORT, '--jobs', '2', '--json');
    await eventually('both workers are there', () => childrenOf(command.pid).length >= 2);
    const workers = childrenOf(command.pid);
    command.signal('SIGINT');
    expect(await command.ended).to.deep.equal({ code: 130, signal: null });
    expect(JSON.parse(command.lines.join('\n'))).to.have.keys('seeds', 'coverage');
    expect(command.errors).to.have.length(1);
    const { error } = JSON.parse(command.errors[0] ?? '{}');
    expect(error.message).to.match(/^interrupted; under way: seed \d+, \d+$/);
    expect(workers.filter(isAlive)).to.deep.equal([]);
  });

  it('a killed command takes its workers along', async () => {
    await using command = new CommandProcess('sim', '--seeds', '100000', '--jobs', '2');
    await eventually('both workers are there', () => childrenOf(command.pid).length >= 2);
    const workers = childrenOf(command.pid);
    command.signal('SIGKILL');
    await eventually('all are gone', () => !workers.some(isAlive), 30_000);
  });
});

function childrenOf(pid: number): readonly number[] {
  const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' }).trim().split('\n');
  const processes = rows.map((row) => row.trim().split(/\s+/));
  return processes
    .filter(([, parent, ...args]) => Number(parent) === pid && args.some((word) => /[/]sim[/]worker[.]/.test(word)))
    .map(([own]) => Number(own));
}

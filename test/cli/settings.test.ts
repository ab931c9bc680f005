/** Options from the environment and from a file. Those of `sim` stand for all, because the answer shows them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { CommandProcess, type Outcome, runHere } from './command.ts';

const SIM = ['sim', '--seed', '1', '--seconds', '4', '--faults', 'none'];

describe('options from elsewhere than the command line', () => {
  let directory: string;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'understudy-settings-'));
  });
  after(() => rmSync(directory, { recursive: true }));

  const file = (content: unknown): string => {
    const path = join(directory, 'config.json');
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  };

  describe('variables', () => {
    const WRONG: readonly (readonly [Readonly<Record<string, string>>, string, string])[] = [
      [{ UNDERSTUDY_BACKUPS: 'two' }, 'monitor --listen :0', "UNDERSTUDY_BACKUPS: 'two' is invalid. Expected a whole"],
      [{ UNDERSTUDY_LISTEN: 'nowhere' }, 'monitor', "UNDERSTUDY_LISTEN: 'nowhere' is invalid. Expected HOST:PORT."],
      [
        { UNDERSTUDY_NEW: 'yes' },
        'monitor --listen :0',
        "UNDERSTUDY_NEW: 'yes' is invalid. Expected 1, true, 0 or fal",
      ],
      [
        { UNDERSTUDY_NO_DASHBOARD: 'x' },
        'up',
        "UNDERSTUDY_NO_DASHBOARD: 'x' is invalid. Expected 1, true, 0 or false.",
      ],
      [{ UNDERSTUDY_MAX_MEMORY: '1' }, 'server --listen :0 --monitor :1', "UNDERSTUDY_MAX_MEMORY: '1' is invalid."],
      [{ UNDERSTUDY_ALLOW_HOST: 'a,b/c' }, 'monitor --listen :0', "UNDERSTUDY_ALLOW_HOST: 'a,b/c' is invalid."],
      [{ UNDERSTUDY_SHAPE: 'round' }, 'sim --seed 1', "UNDERSTUDY_SHAPE: 'round' is invalid. Allowed choices are "],
      [
        { UNDERSTUDY_DISK: '1', UNDERSTUDY_NO_DISK: '1' },
        'sim --seed 1',
        'UNDERSTUDY_DISK contradicts UNDERSTUDY_NO_DI',
      ],
      [{ UNDERSTUDY_CONTROL: ':1', UNDERSTUDY_LISTEN: ':x' }, 'monitor', 'UNDERSTUDY_LISTEN: '],
    ];

    for (const [variables, line, complaint] of WRONG) {
      it(`${JSON.stringify(variables)} is wrong usage of \`${line}\`: one line names the variable`, async () => {
        const { code, stdout, stderr } = await withVariables(variables, () => runHere(...line.split(' ')));
        expect([code, stdout]).to.deep.equal([2, '']);
        expect(stderr).to.match(/^understudy: [^\n]*\n$/);
        expect(stderr).to.include(`understudy: ${complaint}`);
      });
    }

    it('give options, also of more than one word, and flags', async () => {
      const variables = {
        UNDERSTUDY_SEED: '7',
        UNDERSTUDY_SECONDS: '4',
        UNDERSTUDY_NO_DISK: '1',
        UNDERSTUDY_JSON: 'true',
      };
      const fromVariables = await withVariables(variables, () => runHere('sim', '--faults', 'none'));
      const words = ['--seed', '7', '--seconds', '4', '--no-disk', '--json', '--faults', 'none'];
      expect(fromVariables).to.deep.equal(await runHere('sim', ...words));
      expect(JSON.parse(fromVariables.stdout).seeds[0].seed).to.equal(7);
    });

    it('do not count where the command line says something else, or where they are empty', async () => {
      const variables = { UNDERSTUDY_SECONDS: 'many', UNDERSTUDY_FAULTS: 'earthquakes', UNDERSTUDY_JOBS: '' };
      expect(await withVariables(variables, () => runHere(...SIM))).to.deep.include({ code: 0, stderr: '' });
    });

    it('do not count where the command line has an option that excludes theirs', async () => {
      const variables = { UNDERSTUDY_SEEDS: '3', UNDERSTUDY_FROM: '5' };
      const { code, stderr } = await withVariables(variables, () => runHere(...SIM));
      expect([code, stderr]).to.deep.equal([0, '']);
    });

    it('turn a flag off with 0 or false', async () => {
      const { stdout } = await withVariables({ UNDERSTUDY_JSON: '0' }, () =>
        runHere(...SIM, `--config=${file({ json: true })}`),
      );
      expect(stdout).to.match(/^seed 1/);
    });

    it('do not keep --help from being printed', async () => {
      const { code, stdout } = await withVariables({ UNDERSTUDY_LISTEN: 'x' }, () => runHere('monitor', '--help'));
      expect(code).to.equal(0);
      expect(stdout).to.include('UNDERSTUDY_MAX_MEMORY').and.to.include('--config <FILE>');
    });
  });

  it('`understudy up` keeps variables from the processes that it starts', async () => {
    const before = process.env;
    // Each of them would end one of those processes, or all.
    process.env = {
      ...before,
      UNDERSTUDY_YES: '1',
      UNDERSTUDY_PING_INTERVAL: 'x',
      UNDERSTUDY_SERVERS: '1',
      UNDERSTUDY_PORT: '0',
    };
    await using up = new CommandProcess('up', '--json');
    process.env = before;
    const { members } = JSON.parse(await up.line((line) => line.includes('"members"')));
    expect(members.map(({ service }: { readonly service: string }) => service)).to.deep.equal(['monitor', 'server']);
    up.signal('SIGTERM');
    expect((await up.ended).code).to.equal(0);
  });

  describe('--config FILE', () => {
    const WRONG: readonly (readonly [unknown, string, string])[] = [
      [{ backup: 1 }, 'monitor --listen :0', 'unknown option "backup"; did you mean "backups"?'],
      [{ maxMemory: 1 }, 'server --listen :0', 'unknown option "maxMemory"; did you mean "max-memory"?'],
      [{ colour: 'red' }, 'status', 'unknown option "colour"; there are monitor, timeout, json'],
      [{ control: ':1' }, 'monitor --listen :0', 'unknown option "control"; there are '],
      [{ config: 'x' }, 'status', 'unknown option "config"; there are '],
      [{ backups: '2' }, 'monitor --listen :0', '"backups": expected a number, not the string "2"'],
      [{ backups: true }, 'monitor --listen :0', '"backups": expected a value of --backups, not true'],
      [{ backups: -2 }, 'monitor --listen :0', `"backups": '-2' is invalid. Expected a whole number from 0 to 100.`],
      [{ data: 5 }, 'monitor --listen :0', '"data": expected a string, not 5'],
      [{ data: '' }, 'monitor --listen :0', `"data": '' is invalid. Expected the path of a directory.`],
      [{ new: 1 }, 'monitor --listen :0', '"new": expected true or false, not 1'],
      [{ monitor: [':1', 'x'] }, 'status', `"monitor": ':1,x' is invalid. Expected HOST:PORT.`],
      [{ monitor: [] }, 'status', '"monitor": expected a value of --monitor, not a list'],
      [{ listen: [':1'] }, 'monitor', '"listen": expected a value of --listen, not a list'],
      [{ timeout: null }, 'status --monitor :1', '"timeout": expected a value of --timeout, not null'],
      ['{ "timeout": 1', 'status --monitor :1', 'not JSON: '],
      ['', 'status --monitor :1', 'not JSON: '],
      ['[]', 'status --monitor :1', 'expected one JSON object'],
    ];

    for (const [content, line, complaint] of WRONG) {
      it(`refuses ${JSON.stringify(content)} of \`understudy ${line}\`: one line names file and key`, async () => {
        const path = file(content);
        const { code, stdout, stderr } = await runHere(...line.split(' '), '--config', path);
        expect([code, stdout]).to.deep.equal([2, '']);
        expect(stderr).to.match(/^understudy: [^\n]*\n$/);
        expect(stderr).to.include(`understudy: ${path}: ${complaint}`);
      });
    }

    it('refuses a file that is not there', async () => {
      const path = join(directory, 'nowhere.json');
      const { code, stderr } = await runHere('status', '--config', path);
      expect([code, stderr]).to.deep.equal([2, `understudy: ${path}: there is no such file or directory\n`]);
    });

    it('gives options of the commands that work on a cluster, lists as lists', async () => {
      const path = file({ monitor: ['127.0.0.1:1'], timeout: 60 });
      for (const command of [['status'], ['get', 'k'], ['put', 'k', 'v'], ['scan']]) {
        const { code, stderr } = await runHere(...command, '--config', path);
        expect([code, stderr.includes('127.0.0.1:1')], stderr).to.deep.equal([1, true]);
      }
    });

    it('counts less than the environment, and that less than the command line', async () => {
      const path = file({ seconds: 9, seed: 3, faults: 'none', clients: 1, 'no-disk': true, json: true });
      const given: Readonly<Record<string, string>> = {
        UNDERSTUDY_CONFIG: path,
        UNDERSTUDY_SECONDS: '5',
        UNDERSTUDY_SEED: '4',
      };
      const outcome = await withVariables(given, () => runHere('sim', '--seconds', '4'));
      const all = ['--seed', '4', '--seconds', '4', '--faults', 'none', '--clients', '1', '--no-disk', '--json'];
      expect(outcome).to.deep.equal(await runHere('sim', ...all));
    });
  });
});

async function withVariables(
  variables: Readonly<Record<string, string>>,
  run: () => Promise<Outcome>,
): Promise<Outcome> {
  const before = process.env;
  process.env = { ...before, ...variables };
  try {
    return await run();
  } finally {
    process.env = before;
  }
}

/** With `--json`, a failure is one line of JSON on stderr; the exit codes are those of the failures in words. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { CommandProcess, runHere } from './command.ts';

type Expected = readonly [line: string, code: number, error: Readonly<Record<string, unknown>>];

const AWAY = '--monitor 127.0.0.1:1 --timeout 50';
/** No connection was made: what was asked for is definitely not done. */
const NOT_DONE = { name: 'TIMEOUT', definite: true, code: -32022 };

const CASES: readonly Expected[] = [
  [`get k ${AWAY}`, 1, NOT_DONE],
  [`put k v ${AWAY}`, 1, NOT_DONE],
  [`delete k ${AWAY}`, 1, NOT_DONE],
  [`cas k a b ${AWAY}`, 1, NOT_DONE],
  [`scan ${AWAY}`, 1, NOT_DONE],
  [`status ${AWAY}`, 1, { name: 'UNREACHABLE', definite: true }],
  [`backup DIR/there ${AWAY}`, 1, { name: 'FAILED', definite: true }],
  [`restore DIR/nowhere ${AWAY}`, 1, { name: 'FAILED', definite: true }],
  ['check DIR/nowhere', 2, { name: 'USAGE', definite: true }],
  ['up --port 0 --data DIR', 2, { name: 'USAGE', definite: true }],
  ['sim --seed 1 --seeds 2', 2, { name: 'USAGE', definite: true }],
  ['get', 2, { name: 'USAGE', message: "required option '--monitor <HOST:PORT[,..]>' not specified", definite: true }],
  ['get k --monitor nowhere', 2, { name: 'USAGE', definite: true }],
  ['get k --fast --monitor :1', 2, { name: 'USAGE', message: "unknown option '--fast'", definite: true }],
  ['status --monitor :1 --config DIR/nowhere', 2, { name: 'USAGE', definite: true }],
];

describe('failures with --json', () => {
  let directory: string;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'understudy-json-'));
    writeFileSync(join(directory, 'there'), '');
  });
  after(() => rmSync(directory, { recursive: true }));

  for (const [line, code, error] of CASES) {
    it(`\`understudy ${line}\` ends with ${code} and tells ${String(error.name)} in one line of JSON`, async () => {
      const words = line.replaceAll('DIR', directory).split(' ');
      const inJson = await runHere(...words, '--json');
      expect([inJson.code, inJson.stdout], inJson.stderr).to.deep.equal([code, '']);
      expect(inJson.stderr).to.match(/^[^\n]+\n$/);
      const told = JSON.parse(inJson.stderr).error;
      expect(told).to.deep.include(error);
      expect(told.message)
        .to.be.a('string')
        .and.not.match(/definitely|may or may not/);
      const inWords = await runHere(...words);
      expect(inWords.code).to.equal(code);
      expect(inWords.stderr).to.match(/^understudy: [^\n]*\n$/);
    });
  }

  it('is JSON where the environment asked for it, and words where --json comes behind --', async () => {
    process.env.UNDERSTUDY_JSON = '1';
    const fromVariable = await runHere('get', '--fast').finally(() => delete process.env.UNDERSTUDY_JSON);
    expect(JSON.parse(fromVariable.stderr).error.name).to.equal('USAGE');
    expect((await runHere('put', '--monitor', 'x', '--', 'k', '--json')).stderr).to.match(/^understudy: /);
  });

  it('is words of a command without --json', async () => {
    expect((await runHere('monitor', '--json')).stderr).to.match(/^understudy: [^\n]*\n$/);
  });

  it('repl from a pipe tells each with the number of its line, and goes on', async () => {
    await using repl = new CommandProcess('repl', '--json', ...AWAY.split(' '));
    repl.type('fly\nput k v\n');
    repl.endInput();
    const { code } = await repl.ended;
    const errors = repl.errors.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line).error);
    expect([code, errors.length], repl.errors.join('\n')).to.deep.equal([1, 2]);
    expect(errors[0]).to.deep.include({ name: 'USAGE', definite: true, line: 1 });
    expect(errors[1]).to.deep.include({ ...NOT_DONE, line: 2 });
  });
});

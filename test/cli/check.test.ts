/** `understudy check`: verdicts, exit codes, what it prints, and what it refuses. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { runHere } from './command.ts';

const event = (call: number, end: number | null, op: string, rest: object) => ({
  client: 1,
  call,
  return: end,
  op,
  key: 'x',
  ...rest,
});
const GOOD = {
  model: 'kv',
  init: null,
  events: [event(0, 1, 'put', { value: 'a' }), event(2, 3, 'get', { output: 'a' })],
};
const BAD = {
  model: 'kv',
  init: null,
  events: [event(0, 1, 'put', { value: 'a' }), event(2, 3, 'get', { output: null })],
};
/** Needs far more attempts than the two above. */
const SLOW = {
  events: [
    ...['a', 'b', 'c', 'd'].map((value, at) => event(0, 9 - at, 'append', { value })),
    event(10, 11, 'get', { output: 'cbad' }),
  ],
};
const MALFORMED = { events: [event(0, 1, 'put', { value: 'a' }), { ...event(2, 3, 'get', {}), return: 'late' }] };

describe('understudy check', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'understudy-check-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  function file(name: string, ...histories: readonly (object | string)[]): string {
    const path = join(folder, name);
    writeFileSync(path, histories.map((it) => (typeof it === 'string' ? it : JSON.stringify(it))).join('\n'));
    return path;
  }

  it('says yes in one line, and exits 0', async () => {
    const { code, stdout, stderr } = await runHere('check', file('good.json', GOOD));
    expect(stdout).to.match(
      /good\.json: linearizable: 2 operations on 1 key, 0 with unknown outcome, in [\d.]+ m?s\n$/,
    );
    expect([code, stderr]).to.deep.equal([0, '']);
  });

  it('says no, shows the operations that contradict each other, and exits 1', async () => {
    const { code, stdout } = await runHere('check', file('bad.json', BAD));
    expect(code).to.equal(1);
    expect(stdout).to.match(/bad\.json: violation: 2 operations on 1 key/);
    expect(stdout).to.match(
      /put "a" +\|-\| +0 to 1\n.*get -> absent +\|-\| +2 to 3 +<- impossible\n.*could have given "a" \(perhaps others\), but not absent/,
    );
  });

  it('says that it does not know when --budget is too small, and exits 3', async () => {
    const { code, stdout } = await runHere('check', '--budget', '1', file('slow.json', SLOW));
    expect(code).to.equal(3);
    expect(stdout).to.match(/slow\.json: undecided: .*the budget did not suffice for "x": try a larger --budget\n$/);
    const small = await runHere('check', '--states', '1', file('slow.json', SLOW));
    expect(small.code).to.equal(3);
    expect(small.stdout).to.match(/the budget did not suffice for "x": try a larger --states\n$/);
    expect((await runHere('check', file('slow.json', SLOW))).code).to.equal(0);
  });

  it('prints one object with --json', async () => {
    const { code, stdout } = await runHere('check', '--json', file('bad.json', BAD));
    expect(code).to.equal(1);
    const { verdict, operations, violation } = JSON.parse(stdout);
    expect([verdict, operations, violation.key, violation.impossible, violation.possible]).to.deep.equal([
      'violation',
      2,
      'x',
      1,
      ['a'],
    ]);
  });

  it('reads JSON over several lines', async () => {
    expect((await runHere('check', file('pretty.json', JSON.stringify(GOOD, null, 2)))).code).to.equal(0);
  });

  it('reads one history a line, and prints one result a line, in order', async () => {
    const { stdout } = await runHere('check', '--json', file('many.jsonl', GOOD, BAD, '', GOOD));
    const verdicts = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).verdict);
    expect(verdicts).to.deep.equal(['linearizable', 'violation', 'linearizable']);
  });

  const worst: readonly (readonly [readonly object[], number])[] = [
    [[GOOD, GOOD], 0],
    [[GOOD, BAD], 1],
    [[GOOD, SLOW], 3],
    [[SLOW, BAD, SLOW], 1],
  ];
  for (const [at, [histories, expected]] of worst.entries()) {
    it(`exits with the worst of several: ${expected}`, async () => {
      expect((await runHere('check', '--budget', '10', file(`worst-${at}.jsonl`, ...histories))).code).to.equal(
        expected,
      );
    });
  }

  it('names lines, of a history and of the results', async () => {
    const { stdout } = await runHere('check', file('named.jsonl', GOOD, '', BAD));
    expect(stdout)
      .to.match(/named\.jsonl:1: linearizable/)
      .and.match(/named\.jsonl:3: violation/);
  });

  const refused: readonly (readonly [string, readonly (object | string)[], RegExp])[] = [
    ['one.json', [MALFORMED], /one\.json: events\[1\]\.return: expected a number, null or "Infinity"\n$/],
    [
      'three.jsonl',
      [GOOD, GOOD, MALFORMED],
      /three\.jsonl:3: events\[1\]\.return: expected a number, null or "Infinity"\n$/,
    ],
    ['line.jsonl', [GOOD, '{"events": [}'], /line\.jsonl:2: not JSON: /],
    ['text.json', ['{\n"events": [],\n}'], /text\.json:3: not JSON: /],
    ['array.json', [[]], /array\.json: expected an object with "events"\n$/],
    ['empty.json', [''], /empty\.json: holds no history\n$/],
    ['empty.jsonl', ['\n\n'], /empty\.jsonl: holds no history\n$/],
  ];
  for (const [name, histories, complaint] of refused) {
    it(`refuses ${name} with one line, before it has printed any result, and exits 2`, async () => {
      const { code, stdout, stderr } = await runHere('check', file(name, ...histories));
      expect([code, stdout]).to.deep.equal([2, '']);
      expect(stderr)
        .to.match(complaint)
        .and.match(/^understudy: [^\n]*\n$/);
    });
  }

  it('exits 2, not 1, when there is no such file', async () => {
    const { code, stderr } = await runHere('check', join(folder, 'nowhere.json'));
    expect(code).to.equal(2);
    expect(stderr).to.match(/nowhere\.json: there is no such file or directory\n$/);
  });

  for (const args of [[], ['--budget', '0', 'x'], ['a', 'b']]) {
    it(`\`check ${args.join(' ')}\` is wrong usage`, async () => {
      expect((await runHere('check', ...args)).code).to.equal(2);
    });
  }

  it('exits 2, with one line, when the file is a directory', async () => {
    const { code, stdout, stderr } = await runHere('check', tmpdir());
    expect([code, stdout]).to.deep.equal([2, '']);
    expect(stderr).to.equal(`understudy: ${tmpdir()}: it is a directory, and a file is needed\n`);
  });

  it('--help tells of the format and the exit codes', async () => {
    const { code, stdout } = await runHere('check', '--help');
    expect(code).to.equal(0);
    for (const words of ['<FILE>', '--json', '--budget', '"events"', 'putHash', 'undecided'])
      expect(stdout).to.include(words);
  });
});

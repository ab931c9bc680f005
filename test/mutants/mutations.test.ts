/** Which mistakes are made by rule, and what is said of them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { Imports } from './imports.ts';
import { mutated, mutationsOf } from './mutations.ts';
import { scoreOf, tableOf } from './report.ts';
import { ROOT, SUBJECTS, testsBySource } from './subjects.ts';
import { readTriage } from './triage.ts';
import { type Outcome, type Trial, trialOf } from './trial.ts';

const CASES: readonly (readonly [text: string, ...mutants: readonly string[]])[] = [
  ['if (a) b = 1;', 'if (!(a)) b = 1;', 'if (a) ;'],
  ['const c = a < b;', 'const c = a <= b;'],
  ['const c = a >= b;', 'const c = a > b;'],
  ['const c = a === b;'],
  ['type T<A> = A; // a < b'],
  ['const c = a ? 1 : 2;', 'const c = !(a) ? 1 : 2;'],
  ['const c = f(a, b, 3);', 'const c = f(b, a, 3);'],
  ['const c = f(a, a);'],
  ['const c = Math.min(a, b);'],
  ["assert(a, 'b');"],
  ['const c = f(() => 1, b);'],
  ['const c = await f(a);', 'const c = f(a);'],
  ['class B extends A { constructor() { super(); } }'],
  ['function f() { return; }', 'function f() { ; }'],
  ['function f() { return a; }'],
];

describe('mistakes by rule', () => {
  for (const [text, ...expected] of CASES) {
    it(`in ${text}: ${expected.length === 0 ? 'none' : expected.join('  ')}`, () => {
      expect(mutationsOf(text).map((mutation) => mutated(text, mutation))).to.deep.equal(expected);
    });
  }

  it('are tried with the tests that load the file, the nearest first', () => {
    const core = SUBJECTS.find(({ folder }) => folder === 'packages/kvservice/src/core');
    const tests =
      core === undefined ? undefined : testsBySource(core).get('packages/kvservice/src/core/ordered-map.ts');
    expect(tests?.[0]).to.equal('test/kvservice/core/ordered-map.test.ts');
    expect(new Imports(ROOT).distancesFrom('test/kvservice/core/ordered-map.test.ts').size).to.be.above(2);
  });

  it('leave no source of the subjects without a test that loads it', () => {
    const alone = SUBJECTS.flatMap((it) =>
      [...testsBySource(it)].flatMap(([file, tests]) => (tests.length > 0 ? [] : file)),
    );
    expect(alone).to.deep.equal([]);
  });

  it('get to the tests, which load the changed text and fail', async () => {
    const file = 'packages/kvservice/src/core/ordered-map.ts';
    const mutation = { rule: 'statement left out', line: 1, start: 0, end: 0, before: '', after: 'throw 1; ' } as const;
    const tests = ['test/kvservice/core/ordered-map.test.ts'];
    const cleanMs = { tests: 60_000, seeds: 0 };
    const trial = await trialOf({ folder: 'f', file, mutation, tests }, { byTests: true, seeds: 0, cleanMs });
    expect(trial.outcome).to.equal('tests');
  }).timeout(120_000);

  it('count by folder, without those that are equivalent', () => {
    const mutation = { rule: 'await dropped', line: 1, start: 0, end: 1, before: 'await x', after: 'x' } as const;
    const trial = (file: string, outcome: Outcome): Trial => ({
      mutant: { folder: 'f', file, mutation, tests: [] },
      outcome,
      ms: 1,
    });
    const trials = [trial('a', 'tests'), trial('b', 'survived'), trial('c', 'survived'), trial('d', 'time')];
    const { rule, before, after } = mutation;
    const known = [{ file: 'b', rule, before, after, verdict: 'equivalent', reason: 'x' }] as const;
    expect(scoreOf(trials, known)).to.equal(2 / 3);
    expect(tableOf(trials, known)).to.include('| f | 4 | 1 | 0 | 1 | 1 | 1 | 67 % |');
  });

  it('that somebody has looked at are still there: an entry whose text has changed says nothing', () => {
    for (const { file, rule, before, after } of readTriage()) {
      const text = readFileSync(join(ROOT, file), 'utf8');
      const same = mutationsOf(text).filter((it) => it.rule === rule && it.before === before && it.after === after);
      expect(same, `${file}: ${before}`).to.have.length.above(0);
    }
  });
});

/** Which mistakes are made by rule, how they are tried, and what is said of them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { complaintsOf, readKept } from './kept.ts';
import { mutated, mutationsOf } from './mutations.ts';
import { scoreOf, tableOf } from './report.ts';
import { ROOT, SUBJECTS, type Subject, sourcesOf } from './subjects.ts';
import { SWITCH, switched } from './switched.ts';
import { readTriage, triaged } from './triage.ts';
import { mutantsOf, type Outcome, type Trial } from './trial.ts';
import { SubjectTrials } from './trials.ts';

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

/** Each text returns something else with each of its mistakes. */
const PROGRAMS: readonly string[] = [
  'let log = ""; if (a < b) log += "x"; else log += "y"; return log;',
  'return a < b ? f(a, g(b, c)) : f(c, b);',
  'let n = 0; for (let i = 0; i < 3; i++) { if (i === 1) continue; n += 10 ** i; } return n;',
  'return [f(b, a, 7), b <= 2, b >= 2, a > 1].join();',
];

const A_FILE = 'packages/kvservice/src/core/ordered-map.ts';
const CORE = SUBJECTS[0] as Subject;

describe('mistakes by rule', () => {
  for (const [text, ...expected] of CASES) {
    it(`in ${text}: ${expected.length === 0 ? 'none' : expected.join('  ')}`, () => {
      expect(mutationsOf(text).map((mutation) => mutated(text, mutation))).to.deep.equal(expected);
    });
  }

  for (const text of PROGRAMS) {
    it(`do with a switch what they do alone: ${text}`, () => {
      const mutations = mutationsOf(text);
      expect(mutations.length).to.be.above(2);
      const withSwitches = switched(text, 1);
      expect(resultOf(withSwitches, 0), 'none').to.equal(resultOf(text, 0));
      for (const [at, mutation] of mutations.entries()) {
        expect(resultOf(withSwitches, at + 1), mutation.rule).to.equal(resultOf(mutated(text, mutation), 0));
        expect(resultOf(withSwitches, at + 1), mutation.rule).not.to.equal(resultOf(text, 0));
      }
    });
  }

  it('have a switch each, in every source', () => {
    for (const file of SUBJECTS.flatMap(sourcesOf)) {
      const text = readFileSync(join(ROOT, file), 'utf8');
      const found = new Set(
        [...switched(text, 1).matchAll(new RegExp(`${SWITCH}\\((\\d+)\\)`, 'g'))].map((it) => it[1]),
      );
      expect(found.size, file).to.equal(mutationsOf(text).length);
    }
  }).timeout(120_000);

  it('are caught by a test that fails, which is named; where no test gets there they survive', async () => {
    const outcomes: string[] = [];
    for (const tests of ['ordered-map', 'no-such-test']) {
      const subject: Subject = { ...CORE, tests: [['test/kvservice/core', tests]] };
      const some = mutantsOf(subject).filter(({ file }) => file === A_FILE);
      const negated = some.filter(({ mutation }) => mutation.rule === 'condition negated').slice(0, 1);
      for await (const { outcome, by } of new SubjectTrials(subject, { byTests: true, seeds: 0 }).of(negated)) {
        outcomes.push(`${outcome} ${by.split(' ')[0]}`);
      }
    }
    expect(outcomes).to.deep.equal(['tests ordered', 'survived ']);
  }).timeout(600_000);

  it('count by folder, without those that are equivalent', () => {
    const trials = [trialOf('a', 'tests'), trialOf('b', 'survived'), trialOf('c', 'survived'), trialOf('d', 'time')];
    const known = [{ file: 'b', ...TEXT, earlier: 0, verdict: 'equivalent', reason: 'x' }] as const;
    expect(scoreOf(trials, known)).to.equal(2 / 3);
    expect(tableOf(trials, known)).to.include(`| ${CORE.folder} | 4 | 1 | 0 | 1 | 1 | 1 | 67 % |`);
  });

  it('fail the kept sample when one survives that nobody has looked at, or when fewer are caught', () => {
    const kept = { sample: 2, seed: '1', seeds: 0, caught: 0.5 };
    const open = [{ file: 'b', ...TEXT, earlier: 0, verdict: 'open', reason: 'x' }] as const;
    const trials = [trialOf('a', 'tests'), trialOf('b', 'survived')];
    expect(complaintsOf(trials, open, kept)).to.deep.equal([]);
    expect(complaintsOf(trials, [], kept)).to.deep.equal([
      'survived, and is not in test/mutants/survivors.json: b:1 await dropped',
    ]);
    expect(complaintsOf(trials, open, { ...kept, caught: 0.6 })).to.deep.equal([
      'caught 50.0 %; test/mutants/kept.json says 60.0 %',
    ]);
  });

  it('keep a sample of which a share is to be caught', () => {
    const { sample, caught } = readKept();
    expect(sample).to.be.at.least(1);
    expect(caught).to.be.within(0, 1);
  });

  it('that somebody has looked at are still there: an entry whose text has changed says nothing', () => {
    const places = SUBJECTS.flatMap(mutantsOf);
    for (const entry of readTriage()) {
      const { file, before, reason } = entry;
      expect(
        places.filter((it) => triaged(it, [entry]) === entry),
        `${file}: ${before}`,
      ).to.have.length(1);
      expect(reason, `${file}: ${before}`).to.match(/\w/);
    }
  }).timeout(120_000);
});

const TEXT = { rule: 'await dropped', before: 'await x', after: 'x' } as const;

function trialOf(file: string, outcome: Outcome): Trial {
  const mutation = { ...TEXT, line: 1, start: 0, end: 1 };
  return { mutant: { subject: CORE, file, mutation, id: 1, earlier: 0 }, outcome, by: '', ms: 1 };
}

function resultOf(body: string, on: number): string {
  const run = new Function(SWITCH, 'a', 'b', 'c', 'f', 'g', body);
  const join = (...parts: readonly unknown[]) => parts.join('-');
  const isOn = (id: number) => id === on;
  return [run(isOn, 1, 2, 3, join, join), run(isOn, 2, 2, 3, join, join)].join(' and ');
}

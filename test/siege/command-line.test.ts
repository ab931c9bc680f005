import { SeededRandom } from '@understudy/testkit';
import { expect } from 'chai';
import { FAULT_NAMES } from './faults/catalogue.ts';
import { HELP, readOptions, UsageError } from './options.ts';
import { drawPlan } from './plan.ts';

describe('siege: command line and schedule', () => {
  it('an hour of everything, unless told otherwise', () => {
    expect(readOptions([])).to.deep.include({ minutes: 60, faults: FAULT_NAMES, json: false, boundSeconds: 30 });
  });

  it('--faults: a list, or all but a list', () => {
    expect(readOptions(['--faults', 'kill,stop'])?.faults).to.have.members(['kill', 'stop']);
    expect(readOptions(['--faults', 'none'])?.faults).to.deep.equal([]);
    const all = readOptions(['--faults=-kill,-stop'])?.faults;
    expect(all).to.have.members(FAULT_NAMES.filter((name) => name !== 'kill' && name !== 'stop'));
  });

  for (const [args, complaint] of [
    [['--faults', 'plague'], /no fault "plague"/],
    [['--minutes', 'long'], /--minutes: "long" is not a number above 0/],
    [['--minutes', '0'], /--minutes/],
    [['--dir', '/'], /--dir: \/ is not empty/],
    [['--fast'], /--fast/],
    [['now'], /now/],
  ] as const) {
    it(`refuses ${args.join(' ')}`, () => {
      expect(() => readOptions(args)).to.throw(UsageError, complaint);
    });
  }

  it('--help names every fault', () => {
    expect(readOptions(['--help'])).to.equal(undefined);
    for (const name of FAULT_NAMES) expect(HELP).to.include(name);
  });

  it('the same seed draws the same schedule, another one another', () => {
    const drawn = (seed: number) => drawPlan(new SeededRandom(seed), FAULT_NAMES, 30_000);
    expect(drawn(1)).to.deep.equal(drawn(1));
    expect(drawn(1)).not.to.deep.equal(drawn(2));
    expect(drawn(1).every(({ atMs, durationMs }) => atMs < 30_000 && durationMs > 0)).to.equal(true);
    expect(drawPlan(new SeededRandom(1), [], 30_000)).to.deep.equal([]);
  });
});

/** Proof that the net catches: mistakes that good engineers make, each made on purpose, and each has to be found by its violations alone. */
import { expect } from 'chai';
import type { PlantedBug } from './bug.ts';
import { PLANTED_BUGS } from './bugs.ts';
import { type Hunt, hunt, huntAll, MOST_SEEDS } from './hunter.ts';
import { plant } from './planting.ts';
import { reportOf, summaryOf } from './report.ts';

describe('Planted bugs', function () {
  this.timeout(600_000);
  let hunts: ReadonlyMap<PlantedBug, Promise<Hunt>> = new Map();
  const hunted: [PlantedBug, Hunt][] = [];

  before('the hunts begin', () => {
    hunts = huntAll(PLANTED_BUGS);
    // One that fails before its turn to be awaited is no unhandled rejection: its own test reports it.
    for (const hunt of hunts.values()) hunt.catch(() => {});
  });

  for (const bug of PLANTED_BUGS) {
    it(`are found: ${bug.name} (${bug.rule})`, async () => {
      const hunt = (await hunts.get(bug)) as Hunt;
      hunted.push([bug, hunt]);
      expect(hunt.found, `none of ${hunt.seeds} seeds shows it: ${bug.why}`).not.to.equal(null);
    });
  }

  it('are found soon', () => {
    console.log(reportOf(hunted));
    const { median, worst } = summaryOf(hunted);
    expect(hunted).to.have.length(PLANTED_BUGS.length);
    expect(median).to.be.at.most(50);
    expect(worst).to.be.at.most(MOST_SEEDS);
  });

  it('are the only thing that is found', async () => {
    expect(await hunt({ name: 'nothing', edits: [] }, { from: 1, seeds: 60 })).to.include({ found: null, seeds: 60 });
  });
});

describe('Planting', () => {
  const file = 'kvservice/src/core/log.ts';

  it('is refused where there is no such place', async () => {
    const edits = [{ file, find: 'no such text', replace: '' }];
    const refusal = await hunt({ name: 'stale', edits }).catch((error: Error) => error.message);
    expect(refusal).to.contain('stale').and.to.contain('0 places');
  });

  it('is refused where there is more than one', () => {
    const edits = [
      { file, find: 'readonly', replace: '' },
      { file, find: 'get ', replace: '' },
    ];
    expect(() => plant({ name: 'vague', edits })).to.throw(/vague.* places/);
  });

  it('changes one text after the other, and no file', () => {
    const find = 'return this.#weight;';
    const texts = plant({
      name: 'twice',
      edits: [
        { file, find, replace: 'return 1;' },
        { file, find: 'return 1;', replace: 'return 2;' },
      ],
    });
    expect(Object.values(texts)).to.have.length(1);
    expect(Object.values(texts)[0]).to.contain('return 2;').and.not.to.contain(find);
    expect(Object.values(plant({ name: 'again', edits: [{ file, find, replace: '' }] }))).to.have.length(1);
  });

  it('has bugs of different names, each with a rule and a reason', () => {
    expect(new Set(PLANTED_BUGS.map(({ name }) => name)).size).to.equal(PLANTED_BUGS.length);
    for (const { rule, why } of PLANTED_BUGS) {
      expect(rule).to.match(/^[VRLSCM]\d+(, [VRLSCM]\d+)*$/);
      expect(why.length).to.be.above(20);
    }
  });
});

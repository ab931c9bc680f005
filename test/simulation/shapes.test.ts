/** The shapes of a run: how often a seed draws each, what each causes, and that usual seeds draw as before. */
import { SeededRandom, SHAPES, type Shape, type Situation, simulate } from '@understudy/testkit';
import { expect } from 'chai';
import { drawProfile } from '../../packages/testkit/src/simulation/profile.ts';
import { drawShape } from '../../packages/testkit/src/simulation/shape.ts';

const FREE = { shape: undefined, hasGivenSize: false, isUsual: false };
const GIVEN = { servers: undefined, backups: undefined, clients: 5, hasDisk: undefined, theme: undefined };

/** What only runs of that shape show. */
const SHOWN: Readonly<Record<Exclude<Shape, 'usual'>, readonly Situation[]>> = {
  wide: ['three backups in sync'],
  'large-values': [
    'entry sent in pieces',
    'page ended early by long values',
    'operations left out of an answer',
    'value refused as too large',
  ],
  'few-sessions': ['session made room for another'],
  overload: ['refused by an overloaded server', 'refused by an overloaded client'],
};

/** Of each shape. */
const SEEDS = 8;

describe('the shape of a run', () => {
  const drawn = (choice: Partial<typeof FREE>) =>
    Array.from({ length: 2_000 }, (_, seed) => drawShape(new SeededRandom(seed), { ...FREE, ...choice }));

  it('is the usual one for about four seeds of five, and each other one for some', () => {
    const shapes = drawn({});
    expect(shapes.filter((shape) => shape === 'usual').length).to.be.within(1_480, 1_680);
    for (const shape of SHAPES) {
      const share = shapes.filter((other) => other === shape).length / shapes.length;
      expect(share, shape).to.be.at.least(0.025);
    }
  });

  it('is not drawn where it does not fit what the caller asks for', () => {
    expect(new Set(drawn({ isUsual: true }))).to.have.all.keys('usual');
    expect(new Set(drawn({ hasGivenSize: true }))).to.not.include('wide');
  });

  it('changes no other draw: a usual seed has the profile that it had without shapes', () => {
    const profile = (shape: Shape) => drawProfile(new SeededRandom(5), { ...GIVEN, shape, hasLittleMemory: false });
    const { leaseMs, turnSpanMs, keys, hasDisk, priorities } = profile('usual');
    for (const shape of SHAPES)
      expect(profile(shape), shape).to.include({ leaseMs, turnSpanMs, keys, hasDisk, priorities });
  });

  it('decides about memory only where little would hide what the shape is for', () => {
    const valueUnits = (shape: Shape) =>
      drawProfile(new SeededRandom(5), { ...GIVEN, shape, hasLittleMemory: true }).memory.valueUnits;
    expect(valueUnits('wide')).to.equal(valueUnits('usual')).and.to.be.greaterThan(0);
    expect(valueUnits('few-sessions')).to.equal(0);
  });

  for (const [shape, situations] of Object.entries(SHOWN)) {
    it(`${shape} shows: ${situations.join(', ')}`, async function () {
      this.timeout(300_000);
      const unseen = new Set<string>(situations);
      for (let seed = 1; unseen.size > 0 && seed <= SEEDS; seed++) {
        const { violations, coverage } = await simulate({ seed, seconds: 20, faults: 'none', shape: shape as Shape });
        expect(violations, `seed ${seed}`).to.deep.equal([]);
        for (const situation of situations) if ((coverage[situation] ?? 0) > 0) unseen.delete(situation);
      }
      expect([...unseen]).to.deep.equal([]);
    });
  }
});

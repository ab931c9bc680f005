/** What a run may not show without a fault that explains it. */
import { FAULT_CLASSES, SITUATIONS, simulate } from '@understudy/testkit';
import { expect } from 'chai';
import { type Course, unexplained } from '../../packages/testkit/src/simulation/calm.ts';

describe('what happens has a cause', () => {
  const course = (change: Partial<Course>): Course => ({ faults: {}, coverage: {}, halted: '', unknown: 0, ...change });

  it('a failover, a lost backup or an unknown outcome without any fault has none', () => {
    expect(unexplained(course({}))).to.deep.equal([]);
    const failover = { 'failover with operations in flight': 2 };
    expect(unexplained(course({ coverage: failover }))).to.deep.equal([
      'without any fault: failover with operations in flight, 2 times',
    ]);
    expect(unexplained(course({ coverage: failover, faults: { drop: 1 } }))).to.deep.equal([]);
    expect(unexplained(course({ unknown: 3 }))).to.deep.equal(['without any fault, 3 operations came out unknown']);
  });

  it('what every run shows needs none: a transfer to the first backup, a session that expires', () => {
    const usual = ['catch-up by log', 'catch-up by snapshot', 'session expired', 'lease refused'];
    expect(SITUATIONS).to.include.members(usual);
    expect(
      unexplained(course({ coverage: Object.fromEntries(usual.map((situation) => [situation, 1])) })),
    ).to.deep.equal([]);
  });

  it('messages of somebody who is no server explain nothing, but that a name without a server loses a free seat', () => {
    const faults = { forged: 50 };
    const failover = { 'failover with operations in flight': 1 };
    expect(unexplained(course({ faults, coverage: failover }))).to.deep.equal([
      'without any fault but forged: failover with operations in flight, 1 times',
    ]);
    expect(unexplained(course({ faults, unknown: 1 }))).to.have.length(1);
    expect(unexplained(course({ faults, halted: 'nobody holds the data' }))).to.have.length(1);
    expect(unexplained(course({ faults, coverage: { 'lost backup reported': 1 } }))).to.deep.equal([]);
    expect(unexplained(course({ faults: { ...faults, crash: 1 }, coverage: failover }))).to.deep.equal([]);
  });

  it('a halt is explained by a fault that takes data away, and by no other', () => {
    const halted = 'nobody holds the data any more';
    for (const faults of [{}, { drop: 5, delay: 1 }]) expect(unexplained(course({ halted, faults }))).to.have.length(1);
    for (const faults of [{ crash: 1 }, { drop: 5, 'disk-loss': 1 }])
      expect(unexplained(course({ halted, faults }))).to.deep.equal([]);
    expect(FAULT_CLASSES).to.include.members(['crash', 'disk-loss', 'drop']);
  });

  it('a real run without faults shows nothing of the kind, with and without disks', async () => {
    for (const disk of [true, false]) {
      const { violations } = await simulate({ seed: 'calm', seconds: 20, faults: 'none', disk });
      expect(violations).to.deep.equal([]);
    }
  });
});

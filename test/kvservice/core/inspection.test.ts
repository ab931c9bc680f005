/** What may be seen of a replica from outside, and what it counts. */
import { expect } from 'chai';
import { pair, viewOf } from './stage.ts';

const put = (key: string, value: string) =>
  ({ kind: 'write', requester: 'r', operation: { kind: 'put', key, value } }) as const;

describe('what is seen of a replica', () => {
  it('how much the writes take that wait: at a primary, and at no backup', () => {
    const stage = pair();
    const weights = () => ['A', 'B'].map((server) => stage.replica(server).inspection.waitingWeight);
    expect(weights()).to.deep.equal([0, 0]);
    stage.step('A', put('k', 'v'.repeat(500)));
    stage.step('A', { kind: 'turn-end' });
    const [atPrimary, atBackup] = weights();
    expect(atPrimary).to.be.above(500);
    expect(atBackup).to.equal(0);
    stage.settle(['A', 'B']);
    expect(weights()).to.deep.equal([0, 0]);
  });

  it('a fingerprint, which is the same only where the keys, values and revisions are', () => {
    const stage = pair();
    const prints = () => ['A', 'B'].map((server) => stage.replica(server).inspection.fingerprint());
    const written = [
      ['k', 'one'],
      ['k', 'two'],
      ['l', 'two'],
    ] as const;
    const seen = new Set<string>();
    for (const [key, value] of written) {
      stage.step('A', put(key, value));
      stage.settle(['A', 'B']);
      stage.now += 100;
      stage.step('A', { kind: 'tick' }); // the backup learns of the commit
      stage.settle(['A', 'B']);
      const [atA, atB] = prints();
      expect(atA).to.match(/^\d keys, 0 sessions, [0-9a-f]{8}$/);
      expect(atB).to.equal(atA);
      seen.add(atA ?? '');
    }
    expect(seen.size).to.equal(3);
  });

  it('how many messages of an older view were refused (R3)', () => {
    const stage = pair();
    stage.step('A', put('k', 'v'));
    stage.step('A', { kind: 'turn-end' });
    const refused = () => stage.replica('B').status().counters.staleViewsRefused;
    stage.pinged('B', viewOf(3, 'B'));
    expect(refused()).to.equal(0);
    stage.deliver(stage.take('A', 'B'));
    expect(refused()).to.equal(1);
  });
});

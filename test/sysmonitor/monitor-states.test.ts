/** Several monitors: when what they say shows that they are not of one state. */
import { disagreement, monitorToFollow, NO_VIEW, type ToldView } from '@understudy/sysmonitor';
import { expect } from 'chai';

function told(...viewnums: readonly (number | readonly [number, string])[]): readonly ToldView[] {
  return viewnums.map((told, place) => {
    const [viewnum, cluster] = typeof told === 'number' ? [told, 'one'] : told;
    const view = viewnum === 0 ? NO_VIEW : { viewnum, primary: 'a:1', backups: [], syncing: [], cluster };
    return { address: `m${place + 1}:1`, view };
  });
}

describe('several monitors', () => {
  it('agree while they say the same, or one answers', () => {
    expect(disagreement(told(3, 3), told(3, 3))).to.equal('');
    expect(disagreement(told(3), told(4))).to.equal('');
    expect(disagreement([], [])).to.equal('');
  });

  it('agree while views change between the questions: none is older than one of the round before', () => {
    expect(disagreement(told(3, 4), told(4, 4))).to.equal('');
    expect(disagreement(told(3, 4), told(5, 4))).to.equal('');
    expect(disagreement(told(3, 3), told(3, 4))).to.equal('');
  });

  it('disagree where one keeps an older view, or none', () => {
    expect(disagreement(told(3, 4), told(3, 4))).to.equal(
      'm1:1 has view 3: primary a:1, no backup, of cluster one; m2:1 has view 4: primary a:1, no backup, of cluster one',
    );
    expect(disagreement(told(3, 0), told(4, 0))).to.match(/; m2:1 has no view$/);
  });

  it('disagree where they rule two clusters', () => {
    const both = told([3, 'one'], [3, 'two']);
    expect(disagreement(both, both)).to.match(/of cluster one; .* of cluster two$/);
  });

  it('are followed where the greatest view of the own cluster is', () => {
    expect(monitorToFollow(told(3, 4), 'one')).to.equal('m2:1');
    expect(monitorToFollow(told(4, 4), 'one')).to.equal('m1:1');
    expect(monitorToFollow(told([9, 'two'], 3), 'one')).to.equal('m2:1');
    expect(monitorToFollow(told([9, 'two'], 0), 'one'), 'no monitor knows the own cluster').to.equal(undefined);
  });

  it('are followed by a server without a cluster where there is one, or was', () => {
    expect(monitorToFollow(told(0, 3), undefined)).to.equal('m2:1');
    const [none, recovering] = told(0, 0);
    if (none === undefined || recovering === undefined) throw new Error('two were told');
    expect(monitorToFollow([none, { ...recovering, recovers: true }], undefined)).to.equal('m2:1');
    expect(monitorToFollow(told(0, 0), undefined)).to.equal(undefined);
    expect(monitorToFollow([], undefined)).to.equal(undefined);
  });
});

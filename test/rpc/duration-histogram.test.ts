import { DurationHistogram } from '@understudy/rpc';
import { expect } from 'chai';

describe('DurationHistogram', () => {
  const countUpTo = (histogram: DurationHistogram, ms: number): number | undefined =>
    histogram.buckets.find(({ upToMs }) => upToMs === ms)?.count;

  it('counts each duration in its bucket and in all above', () => {
    const histogram = new DurationHistogram();
    for (const ms of [0, 0.1, 0.11, 1, 9_999, 10_001, 1e9]) histogram.record(ms);
    expect([0.1, 0.25, 0.5, 1, 2.5, 5_000, 10_000, Infinity].map((ms) => countUpTo(histogram, ms))).to.deep.equal([
      2, 3, 3, 4, 4, 4, 5, 7,
    ]);
    expect(histogram.sumMs).to.be.closeTo(1e9 + 20_001.21, 0.01);
  });

  it('is empty at first, and never goes down from one bucket to the next', () => {
    const histogram = new DurationHistogram();
    expect(histogram.buckets.every(({ count }) => count === 0)).to.equal(true);
    for (let ms = 0.01; ms < 20_000; ms *= 1.3) histogram.record(ms);
    const counts = histogram.buckets.map(({ count }) => count);
    expect(counts).to.deep.equal([...counts].sort((one, other) => one - other));
    expect(new Set(counts).size).to.equal(counts.length);
  });
});

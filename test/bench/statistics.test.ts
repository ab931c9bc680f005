import { expect } from 'chai';
import { longestGaps } from '../../bench/support/callers.ts';
import { quantile } from '../../bench/support/report.ts';
import { median, theilSenSlope } from '../../bench/support/statistics.ts';

describe('statistics of the benchmarks', () => {
  it('the Theil-Sen slope is that of a line, whatever a few outliers say', () => {
    const line = Array.from({ length: 20 }, (_, x) => [x, 3 + 2 * x] as const);
    expect(theilSenSlope(line)).to.equal(2);
    expect(theilSenSlope(line.map(([x, y]) => [x, x % 7 === 3 ? 1_000 : y] as const))).to.be.closeTo(2, 0.3);
  });

  it('the Theil-Sen slope of a saw-tooth is about 0, and that of one on a rise the rise', () => {
    const saw = (rise: number) => Array.from({ length: 90 }, (_, x) => [x, 60 + ((7 * x) % 16) + rise * x] as const);
    expect(theilSenSlope(saw(0))).to.be.closeTo(0, 0.02);
    expect(theilSenSlope(saw(0.5))).to.be.closeTo(0.5, 0.02);
  });

  it('there is no slope through one point', () => {
    expect(theilSenSlope([[1, 1]])).to.be.NaN;
    expect(theilSenSlope([])).to.be.NaN;
  });

  it('medians and quantiles', () => {
    expect(median([3, 1, 2])).to.equal(2);
    expect(median([4, 1, 2, 3])).to.equal(2.5);
    expect(quantile([5, 1, 4, 2, 3], 0.5)).to.equal(3);
    expect(quantile([5, 1, 4, 2, 3], 1)).to.equal(5);
  });

  it('gaps are counted in the window where they end, and none in the rest', () => {
    const gaps = [
      { endedAtMs: 10, lastedMs: 5 },
      { endedAtMs: 90, lastedMs: 7 },
      { endedAtMs: 150, lastedMs: 3 },
      { endedAtMs: 230, lastedMs: 40 },
    ];
    expect(longestGaps({ gaps, lastedMs: 240 }, 100)).to.deep.equal([7, 3]);
    expect(longestGaps({ gaps: [], lastedMs: 50 }, 100)).to.deep.equal([0]);
  });
});

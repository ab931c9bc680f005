import { expect } from 'chai';
import { drawChart, ticks } from '../../bench/support/chart.ts';

describe('the chart of the benchmarks', () => {
  const chart = {
    title: 'Memory <of> "A" & B',
    subtitles: ['one', 'two'],
    xLabel: 'seconds',
    yUnit: 'MiB',
    panels: [
      {
        title: 'Heap',
        series: [
          { name: 'primary', points: [[0, 0] as const, [10, 50] as const], dots: [[5, 20] as const] },
          { name: 'backup', points: [[0, 10] as const, [10, 100] as const] },
        ],
      },
      { title: 'Resident', series: [{ name: 'primary', points: [] }] },
    ],
  };

  it('has a line for each series, with its name, axes with units, and no text that is markup', () => {
    const picture = drawChart(chart);
    expect(picture.match(/<polyline/g)).to.have.length(3);
    expect(picture.match(/<circle/g)).to.have.length(1);
    for (const words of ['Heap, MiB', 'Resident, MiB', '>seconds<', '>primary<', '>backup<', '>one<', '>two<'])
      expect(picture).to.contain(words);
    expect(picture).to.contain('Memory &lt;of> &quot;A&quot; &amp; B');
    expect(picture).not.to.match(/NaN|Infinity|undefined/);
  });

  it('draws what is greatest highest, and what is last rightmost', () => {
    const [line = ''] = /<polyline points="([^"]*)"/.exec(drawChart(chart))?.slice(1) ?? [];
    const [[x0 = 0, y0 = 0] = [], [x1 = 0, y1 = 0] = []] = line.split(' ').map((pair) => pair.split(',').map(Number));
    expect(x1).to.be.greaterThan(x0);
    expect(y1).to.be.lessThan(y0);
  });

  for (const [most, expected] of [
    [100, [0, 20, 40, 60, 80, 100]],
    [0.9, [0, 0.2, 0.4, 0.6, 0.8, 1]],
    [47, [0, 10, 20, 30, 40, 50]],
    [600, [0, 200, 400, 600]],
    [0, [0, 0.2, 0.4, 0.6, 0.8, 1]],
  ] as const) {
    it(`its axis up to ${most} has round numbers`, () => expect(ticks(most)).to.deep.equal(expected));
  }
});

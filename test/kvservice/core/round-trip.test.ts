/** How long answers take, and how long to wait for the next one. */
import { expect } from 'chai';
import { RoundTrip } from '../../../packages/kvservice/src/core/round-trip.ts';

/** Each answer takes so long; they are sent one second after the other. */
function answeredIn(...tookMs: readonly number[]): RoundTrip {
  const trip = new RoundTrip();
  for (const [at, each] of tookMs.entries()) trip.answered(at * 1_000, at * 1_000 + each);
  return trip;
}

describe('RoundTrip', () => {
  it('waits as long as it may before the first answer', () => {
    expect(new RoundTrip().patienceMs(200, 500)).to.equal(500);
    expect(new RoundTrip().baseMs).to.equal(Infinity);
  });

  it('waits for twice the moving average, of which each new answer is an eighth', () => {
    expect(answeredIn(160).patienceMs(200, 5_000)).to.equal(320);
    expect(answeredIn(160, 320).patienceMs(200, 5_000)).to.equal(2 * (160 + 20));
  });

  it('waits for no less than the least, and for no more than the most or three times the fastest answer', () => {
    expect(answeredIn(10).patienceMs(200, 500)).to.equal(200);
    const lossy = answeredIn(100);
    for (let count = 0; count < 5; count++) lossy.unanswered();
    expect(lossy.patienceMs(200, 500)).to.equal(500);
    const slow = answeredIn(1_000);
    slow.unanswered();
    expect(slow.patienceMs(200, 500)).to.equal(3_000);
  });

  it('doubles the wait with each loss in a row, until an answer comes', () => {
    const trip = answeredIn(100);
    expect(trip.isDoubtful).to.equal(false);
    trip.unanswered();
    trip.unanswered();
    expect(trip.isDoubtful).to.equal(true);
    expect(trip.patienceMs(200, 5_000)).to.equal(800);
    trip.answered(1_000, 1_100);
    expect(trip.isDoubtful).to.equal(false);
    expect(trip.patienceMs(200, 5_000)).to.equal(200);
  });

  it('is sure of the fastest answer after eight', () => {
    expect(answeredIn(9, 8, 7, 9, 9, 9, 9).knownMs).to.equal(undefined);
    expect(answeredIn(9, 8, 7, 9, 9, 9, 9, 9).knownMs).to.equal(7);
  });

  it('forgets the fastest answer after one span of five seconds, or two', () => {
    const trip = new RoundTrip();
    trip.answered(0, 10);
    trip.answered(4_979, 5_009); // the last millisecond of the span that began at 10
    expect(trip.baseMs).to.equal(10);
    trip.answered(4_970, 5_010); // the next span begins
    expect(trip.baseMs, 'the span before still counts').to.equal(10);
    trip.answered(9_989, 10_009);
    expect(trip.baseMs, 'and until this span ends').to.equal(10);
    trip.answered(9_980, 10_010);
    expect(trip.baseMs).to.equal(20);
  });
});

/** What the page remembers of half an hour: little, but all that surrounds a change, and nothing of times in which nobody was heard. */
import { expect } from 'chai';
import { Memory } from '../../../packages/dashboard/page/model/memory.js';
import { MONITOR, ONE, Told, TWO } from './told.ts';

describe('the memory of the page', () => {
  it('holds hardly more after half an hour than after five minutes, and no more after an hour', () => {
    const memory = new Memory();
    const lengths: number[] = [];
    for (let second = 0; second <= 3_600; second += 1) {
      memory.keep(1_000 * second, []);
      if (second % 300 === 299) lengths.push(memory.length);
    }
    const [fiveMinutes = 0, halfAnHour = 0, hour = 0] = [lengths[0], lengths[5], lengths[11]];
    expect(fiveMinutes).to.be.within(150, 170);
    expect(halfAnHour).to.be.within(fiveMinutes, 2 * fiveMinutes);
    expect(hour).to.be.within(halfAnHour - 5, halfAnHour + 5);
    expect(memory.since).to.be.within(1_780_000, 1_800_000);
  });

  it('keeps each second around a change, however old it is, and has a bound however much changes', () => {
    const memory = new Memory();
    const news = 100_500;
    for (let second = 0; second <= 1_500; second += 1) {
      if (second === 101) memory.keep(news, [], true);
      memory.keep(1_000 * second, []);
    }
    for (let at = news; at <= news + 25_000; at += 1_000) expect(at - (memory.at(at)?.at ?? 0)).to.be.below(1_100);
    expect(memory.at(news + 60_000)?.at).to.be.below(news + 59_000);
    for (let second = 1_501; second <= 4_000; second += 1) memory.keep(1_000 * second, [], true);
    expect(memory.length).to.be.at.most(901);
  });

  it('shows an old moment as fresh as it was, and one at which nobody was heard as old', () => {
    const told = new Told();
    const [began, quiet] = [told.now, told.now + 300_000];
    told.pass(300);
    told.now += 60_000;
    told.pass(1_200);
    for (const moment of [began + 60_000, began + 67_900, quiet - 100, quiet + 61_900]) {
      const then = told.model.clusterAt(told.now, moment);
      expect(then.ageMs, `at ${moment}`).to.be.within(0, 1_000);
      expect(then.members.map(({ node, condition }) => [node, condition])).to.deep.equal([
        [ONE, 'live'],
        [TWO, 'live'],
      ]);
      expect(then.monitors.map(({ node, condition }) => [node, condition])).to.deep.equal([[MONITOR, 'live']]);
    }
    const unheard = told.model.clusterAt(told.now, quiet + 30_000);
    expect(unheard.ageMs).to.be.within(29_000, 31_000);
    expect(unheard.members.every(({ isStale }) => isStale)).to.equal(true);
  });
});

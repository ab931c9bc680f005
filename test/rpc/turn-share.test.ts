import type { Clock } from '@understudy/rpc';
import { expect } from 'chai';
import { TurnShare } from '../../packages/rpc/src/turn-share.ts';

/** Turns and time are moved by hand. */
class HandClock implements Clock {
  nowMs = 1_000;
  #ending: (() => void)[] = [];
  #timers: (() => void)[] = [];

  now(): number {
    return this.nowMs;
  }
  wallNow(): number {
    return this.nowMs;
  }
  after(_delayMs: number, callback: () => void): { cancel(): void } {
    this.#timers.push(callback);
    return { cancel: () => {} };
  }
  endOfTurn(callback: () => void): void {
    this.#ending.push(callback);
  }

  /** The timers that were set by now. */
  runTimers(): void {
    for (const timer of this.#timers.splice(0)) timer();
  }

  endTurn(): void {
    for (const callback of this.#ending.splice(0)) callback();
  }
}

describe('the share of a turn', () => {
  function shareOf(connections: number, share: TurnShare): number[] {
    return Array.from({ length: connections }, () => share.take());
  }

  it('is large for one connection, and from the second turn on the same for each of many', () => {
    const clock = new HandClock();
    const share = new TurnShare(clock);
    expect(shareOf(1, share)[0]).to.be.greaterThan(4_000);
    clock.endTurn();
    shareOf(32, share);
    clock.endTurn();
    const shares = shareOf(32, share);
    expect(new Set(shares).size).to.equal(1);
    expect(shares[0]).to.be.within(200, 300);
  });

  it('is small once the turn has been long, and large again in the next', () => {
    const clock = new HandClock();
    const share = new TurnShare(clock);
    const first = share.take();
    clock.nowMs += 60;
    expect(share.take()).to.be.lessThan(20);
    clock.endTurn();
    expect(share.take()).to.equal(first / 2);
  });

  it('those who wait go on in the next turn, not by timers of this one, and each is first some time', () => {
    const clock = new HandClock();
    const share = new TurnShare(clock);
    const order: string[] = [];
    for (let turn = 0; turn < 6; turn++) {
      for (const name of ['a', 'b', 'c']) share.nextTurn(() => order.push(name));
      const before = order.length;
      clock.runTimers();
      expect(order).to.have.length(before);
      clock.endTurn();
      clock.runTimers();
      expect(order).to.have.length(before + 3);
    }
    const firsts = order.filter((_, at) => at % 3 === 0);
    expect(new Set(firsts)).to.deep.equal(new Set(['a', 'b', 'c']));
  });
});

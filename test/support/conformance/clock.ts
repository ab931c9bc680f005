/** What every Clock does. */
import type { Clock } from '@understudy/rpc';
import { expect } from 'chai';
import type { Passage } from './passage.ts';

export interface ClockUnderTest extends Passage {
  readonly clock: Clock;
}

export function clockConformance(name: string, setup: () => ClockUnderTest | Promise<ClockUnderTest>): void {
  describe(`Clock: ${name}`, () => {
    let twin: ClockUnderTest;
    beforeEach(async () => {
      twin = await setup();
    });
    afterEach(() => twin.cleanup());

    /** What is asked for at the end of the turn from here on comes after it. */
    const endOfTurn = () => new Promise<void>((resolve) => twin.clock.endOfTurn(resolve));

    it('never goes backwards, and goes on with time', async () => {
      const readings = Array.from({ length: 1000 }, () => twin.clock.now());
      expect(readings).to.deep.equal([...readings].sort((a, b) => a - b));
      const before = twin.clock.now();
      await twin.advance(20);
      expect(twin.clock.now() - before).to.be.at.least(19);
    });

    it('tells the wall time as whole or broken milliseconds since 1970', async () => {
      const before = twin.clock.wallNow();
      expect(before).to.be.greaterThan(0);
      await twin.advance(20);
      expect(twin.clock.wallNow() - before).to.be.at.least(15);
    });

    it('calls back once, not before the delay is over', async () => {
      const start = twin.clock.now();
      const calls: number[] = [];
      twin.clock.after(30, () => calls.push(twin.clock.now() - start));
      await twin.advance(10);
      expect(calls).to.deep.equal([]);
      await twin.advance(200);
      expect(calls).to.have.length(1);
      expect(calls[0]).to.be.at.least(29);
    });

    it('never calls back within the call that sets the timer, not even for a delay of 0', async () => {
      let called = false;
      twin.clock.after(0, () => {
        called = true;
      });
      expect(called).to.equal(false);
      await twin.advance(20);
      expect(called).to.equal(true);
    });

    it('calls back in the order of the delays, and equal delays in the order in which they were set', async () => {
      const calls: string[] = [];
      const equal = Array.from({ length: 100 }, (_, at) => `early ${at}`);
      twin.clock.after(60, () => calls.push('late'));
      for (const name of equal) twin.clock.after(20, () => calls.push(name));
      await twin.advance(200);
      expect(calls).to.deep.equal([...equal, 'late']);
    });

    it('does not call back after cancel, which may be called at any time and twice', async () => {
      const calls: string[] = [];
      const cancelled = twin.clock.after(20, () => calls.push('cancelled'));
      const kept = twin.clock.after(20, () => calls.push('kept'));
      cancelled.cancel();
      cancelled.cancel();
      await twin.advance(100);
      kept.cancel();
      expect(calls).to.deep.equal(['kept']);
    });

    it('sets timers from within callbacks', async () => {
      const calls: string[] = [];
      await twin.until(
        new Promise<void>((resolve) => {
          twin.clock.after(10, () => {
            calls.push('first');
            twin.clock.after(10, resolve);
          });
        }),
      );
      expect(calls).to.deep.equal(['first']);
    });

    it('takes delays that no timer of the platform can hold, and does not call back at once', async () => {
      let called = false;
      const long = twin.clock.after(2 ** 40, () => {
        called = true;
      });
      const endless = twin.clock.after(Number.POSITIVE_INFINITY, () => {
        called = true;
      });
      await twin.advance(30);
      long.cancel();
      endless.cancel();
      expect(called).to.equal(false);
    });

    it('ends the turn after the present code and the promises that it settled, in order', async () => {
      const calls: string[] = [];
      twin.clock.endOfTurn(() => calls.push('first end'));
      twin.clock.endOfTurn(() => calls.push('second end'));
      Promise.resolve()
        .then(() => calls.push('promise'))
        .then(() => calls.push('promise of a promise'));
      calls.push('present code');
      await twin.until(endOfTurn());
      expect(calls).to.deep.equal(['present code', 'promise', 'promise of a promise', 'first end', 'second end']);
    });

    it('ends a turn again when the end of a turn asks for it', async () => {
      let nested = Promise.resolve();
      twin.clock.endOfTurn(() => {
        nested = endOfTurn();
      });
      await twin.until(endOfTurn());
      await twin.until(nested);
    });
  });
}

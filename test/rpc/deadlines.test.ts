/** Many deadlines on one timer. */
import type { Clock } from '@understudy/rpc';
import { expect } from 'chai';
import fc from 'fast-check';
import { Deadline, Deadlines } from '../../packages/rpc/src/deadlines.ts';

/** A clock that is moved by hand. */
class HandClock implements Clock {
  nowMs = 1_000.5;
  readonly timers = new Set<{ readonly dueMs: number; readonly callback: () => void }>();

  now(): number {
    return this.nowMs;
  }
  wallNow(): number {
    return this.nowMs;
  }
  after(delayMs: number, callback: () => void): { cancel(): void } {
    const timer = { dueMs: this.nowMs + Math.max(0, delayMs), callback };
    this.timers.add(timer);
    return { cancel: () => this.timers.delete(timer) };
  }
  endOfTurn(callback: () => void): void {
    callback();
  }

  advance(ms: number): void {
    const end = this.nowMs + ms;
    for (;;) {
      const [next] = [...this.timers].filter(({ dueMs }) => dueMs <= end).toSorted((a, b) => a.dueMs - b.dueMs);
      if (next === undefined) break;
      this.timers.delete(next);
      this.nowMs = next.dueMs;
      next.callback();
    }
    this.nowMs = end;
  }
}

class Noted extends Deadline {
  readonly #clock: Clock;
  expiredAt: number | undefined;
  expiries = 0;

  constructor(clock: Clock) {
    super();
    this.#clock = clock;
  }

  override expire(): void {
    this.expiries++;
    this.expiredAt = this.#clock.now();
  }
}

describe('Deadlines', () => {
  it('expire once, never early and at most a few milliseconds late, whatever was added and removed', () => {
    const steps = fc.array(
      fc.record({
        delayMs: fc.oneof(fc.integer({ min: 0, max: 50 }), fc.double({ min: 0, max: 500, noNaN: true })),
        pauseMs: fc.integer({ min: 0, max: 20 }),
        remove: fc.boolean(),
      }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(steps, (all) => {
        const clock = new HandClock();
        const deadlines = new Deadlines(clock);
        const kept: { readonly noted: Noted; readonly dueMs: number }[] = [];
        for (const { delayMs, pauseMs, remove } of all) {
          const noted = new Noted(clock);
          deadlines.add(noted, delayMs);
          if (remove) noted.remove();
          else kept.push({ noted, dueMs: clock.now() + delayMs });
          clock.advance(pauseMs);
          if (remove) expect(noted.expiries).to.equal(0);
        }
        clock.advance(1_000);
        for (const { noted, dueMs } of kept) {
          expect(noted.expiries).to.equal(1);
          expect(noted.expiredAt).to.be.within(dueMs - 1e-6, dueMs + 4.001);
        }
        expect(clock.timers.size, 'timers left').to.equal(0);
      }),
      { numRuns: 500 },
    );
  });

  it('keep one timer at most, however many there are', () => {
    const clock = new HandClock();
    const deadlines = new Deadlines(clock);
    for (let count = 0; count < 10_000; count++) deadlines.add(new Noted(clock), (count * 7) % 5_000);
    expect(clock.timers.size).to.equal(1);
    deadlines.close();
    expect(clock.timers.size).to.equal(0);
  });

  it('never expire for Infinity', () => {
    const clock = new HandClock();
    const noted = new Noted(clock);
    new Deadlines(clock).add(noted, Number.POSITIVE_INFINITY);
    clock.advance(1e9);
    expect([noted.expiries, clock.timers.size]).to.deep.equal([0, 0]);
  });

  it('wait for the input that came while the process stood still', () => {
    const clock = new HandClock();
    const ends: (() => void)[] = [];
    clock.endOfTurn = (callback) => void ends.push(callback);
    const deadlines = new Deadlines(clock);
    const noted = new Noted(clock);
    deadlines.add(noted, 10);
    clock.advance(500);
    expect(noted.expiries).to.equal(0);
    noted.remove(); // the answer was there
    for (const end of ends) end();
    expect(noted.expiries).to.equal(0);
  });
});

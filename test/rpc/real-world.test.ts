/** The real twins of the world. */
import { newIncarnation, RealClock, RealRandom, UnderstudyError } from '@understudy/rpc';
import { expect } from 'chai';
import { clockConformance, randomConformance } from '../support/conformance/index.ts';
import { realPassage } from './support/real-passage.ts';

clockConformance('the real one', () => ({ clock: new RealClock(), ...realPassage() }));
randomConformance('the real one', () => ({ random: new RealRandom() }));

describe('RealClock', () => {
  it('ends the turn after all the input that came with it', async () => {
    const clock = new RealClock();
    const calls: string[] = [];
    const ended = new Promise<void>((resolve) => {
      process.nextTick(() => calls.push('tick'));
      queueMicrotask(() => calls.push('microtask'));
      clock.endOfTurn(() => {
        calls.push('end');
        resolve();
      });
    });
    await ended;
    expect(calls).to.deep.equal(['tick', 'microtask', 'end']);
  });

  it('lets the end of a turn end in the same turn, but never keeps input waiting for ever', async () => {
    const clock = new RealClock();
    let ends = 0;
    let stop = false;
    const again = (): void => {
      ends++;
      if (!stop) clock.endOfTurn(again);
    };
    clock.endOfTurn(again);
    // Some turns, however long each takes here; without an end to the first one this would never come back.
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
    stop = true;
    expect(ends).to.be.greaterThan(4);
  });

  it('goes on after a callback that throws', async () => {
    const clock = new RealClock();
    const calls: string[] = [];
    const defect = new Error('a defect in the first callback');
    // Mocha listens for these too, and would take this one for a failed test.
    const listeners = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    const caught = new Promise((resolve) => process.once('uncaughtException', resolve));
    try {
      clock.endOfTurn(() => {
        throw defect;
      });
      const second = new Promise<void>((resolve) => {
        clock.endOfTurn(() => {
          calls.push('second');
          clock.endOfTurn(resolve);
        });
      });
      expect(await caught).to.equal(defect);
      await second;
    } finally {
      for (const listener of listeners) process.on('uncaughtException', listener);
    }
    expect(calls).to.deep.equal(['second']);
  });

  it('never calls back early, whatever the timers of the platform do', async () => {
    const clock = new RealClock();
    const delays = Array.from({ length: 200 }, (_, index) => (index % 20) + 0.9);
    const early = await Promise.all(
      delays.map(
        (delayMs) =>
          new Promise<boolean>((resolve) => {
            const start = clock.now();
            clock.after(delayMs, () => resolve(clock.now() - start < delayMs));
          }),
      ),
    );
    expect(early.filter(Boolean)).to.deep.equal([]);
  });
});

describe('newIncarnation', () => {
  const world = { clock: new RealClock(), random: new RealRandom() };
  const at = (wallMs: number) => ({ random: new RealRandom(), clock: { ...frozen, wallNow: () => wallMs } });
  const frozen = { now: () => 0, after: () => ({ cancel: () => {} }), endOfTurn: () => {} };

  it('is a uuid v7 of the wall clock', () => {
    const id = newIncarnation(at(0x0123_4567_89ab + 0.75));
    expect(id).to.match(/^01234567-89ab-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('differs between two runs that start in the same millisecond', () => {
    const ids = new Set(Array.from({ length: 1000 }, () => newIncarnation(at(1))));
    expect(ids.size).to.equal(1000);
  });

  it('is greater than the one it comes after, even where the wall clock went back', () => {
    const before = newIncarnation(at(1_800_000_000_000));
    let last = before;
    for (let count = 0; count < 100; count++) {
      const next = newIncarnation(at(1_000), last);
      expect(next > last, `${next} > ${last}`).to.equal(true);
      last = next;
    }
  });

  it('takes the clock again where that is greater', () => {
    expect(newIncarnation(at(0x2000), newIncarnation(at(0x1000)))).to.match(/^00000000-2000-7/);
  });

  it('says so when nothing is greater', () => {
    const after = 'ffffffff-ffff-7fff-bfff-ffffffffffff';
    expect(() => newIncarnation(world, after)).to.throw(UnderstudyError, 'no incarnation is greater');
  });
});

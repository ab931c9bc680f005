/** How time passes in a simulated world, and in the processes of it. */

import { SimulatedWorld } from '@understudy/testkit';
import { expect } from 'chai';

async function failureOf(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error('it did not fail');
}

describe('virtual time', () => {
  it('passes only while somebody waits, and then exactly', async () => {
    const world = new SimulatedWorld({ seed: 1 });
    const fired: number[] = [];
    world.process('p').world.clock.after(10, () => fired.push(world.now));
    await new Promise((resolve) => setImmediate(resolve));
    expect(fired).to.deep.equal([]);
    await world.runFor(25);
    expect(fired).to.deep.equal([10]);
    expect(world.now).to.equal(25);
  });

  it('lets every promise that an event settles have its say before the next event', async () => {
    const world = new SimulatedWorld({ seed: 1 });
    const { clock } = world.process('p').world;
    const log: string[] = [];
    clock.after(1, async () => {
      for (let hop = 0; hop < 50; hop++) await null;
      log.push('promises of the first');
      clock.endOfTurn(() => log.push(`end of its turn at ${world.now}`));
    });
    clock.after(1, () => log.push('second'));
    await world.runFor(5);
    expect(log).to.deep.equal(['promises of the first', 'end of its turn at 1', 'second']);
  });

  it('stands still while a test looks around after a wait', async () => {
    const world = new SimulatedWorld({ seed: 1 });
    const { clock } = world.process('p').world;
    let ticks = 0;
    const tick = () => {
      ticks++;
      clock.after(1, tick);
    };
    tick();
    await world.runUntil(() => ticks === 10);
    for (let hop = 0; hop < 20; hop++) await new Promise((resolve) => setImmediate(resolve));
    expect(ticks).to.equal(10);
  });

  it('runs nested waits in one world', async () => {
    const world = new SimulatedWorld({ seed: 1 });
    const times = await world.run(async () => {
      const other = world.runFor(30).then(() => world.now);
      await world.runFor(10);
      const early = world.now;
      return [early, await other, world.now];
    });
    expect(times).to.deep.equal([10, 30, 30]);
  });

  it('says so when nothing is left to happen', async () => {
    const world = new SimulatedWorld({ seed: 'no end' });
    const error = await failureOf(world.runUntilSettled(new Promise(() => {})));
    expect(error.message).to.match(/nothing is left to happen.*seed no end/);
  });

  it('says so when the limit passes, and can be used again', async () => {
    const world = new SimulatedWorld({ seed: 1 });
    const { clock } = world.process('p').world;
    const tick = (): void => void clock.after(100, tick);
    tick();
    const error = await failureOf(world.runUntil(() => false, { limitMs: 1_000, what: 'a sign' }));
    expect(error.message).to.match(/waited 1000 ms of virtual time in vain for a sign .*\n {2}p: running, 1 timers/);
    expect(world.now).to.equal(1_000);
    await world.runFor(5);
    expect(world.now).to.equal(1_005);
  });

  it('does not count its own limits as something to happen', async () => {
    const world = new SimulatedWorld({ seed: 1 });
    const outer = failureOf(world.runUntil(() => false, { limitMs: 10_000 }));
    const inner = failureOf(world.runUntil(() => false, { limitMs: 20_000 }));
    expect((await outer).message).to.contain('nothing is left to happen');
    expect((await inner).message).to.contain('nothing is left to happen');
    expect(world.now).to.equal(0);
  });

  it('fails the wait with what a timer throws', async () => {
    const world = new SimulatedWorld({ seed: 1 });
    world.process('p').world.clock.after(5, () => {
      throw new Error('from the timer');
    });
    expect((await failureOf(world.runFor(10))).message).to.equal('from the timer');
    await world.runFor(10);
    expect(world.now).to.equal(15);
  });

  it('settles as the promise does', async () => {
    const world = new SimulatedWorld({ seed: 1 });
    expect(await world.runUntilSettled(Promise.resolve(7))).to.equal(7);
    expect((await failureOf(world.runUntilSettled(Promise.reject(new Error('so'))))).message).to.equal('so');
  });

  it('waits for no real timer: far above 50,000 events a second', async () => {
    const world = new SimulatedWorld({ seed: 1 });
    const { clock } = world.process('p').world;
    const tick = (): void => void clock.after(1, tick);
    for (let at = 0; at < 10; at++) tick();
    const start = performance.now();
    await world.runFor(20_000);
    const perSecond = world.events / ((performance.now() - start) / 1_000);
    // A tenth of what it is: a busy machine must not fail this, a pump that waits for real timers must.
    expect(perSecond).to.be.above(50_000);
  });
});

describe('the clock of a simulated process', () => {
  it('runs as fast as its machine, and fires no timer early by it', async () => {
    const world = new SimulatedWorld({ seed: 1 });
    const [fast, slow] = [world.process('fast'), world.process('slow')];
    fast.setClockRate(1.25);
    slow.setClockRate(0.8);
    const fired: number[] = [];
    for (const { world: own } of [fast, slow]) own.clock.after(100, () => fired.push(world.now));
    const before = [fast, slow].map(({ world: own }) => own.clock.now());
    await world.runFor(1_000);
    const passed = [fast, slow].map(({ world: own }, at) => Math.round(own.clock.now() - (before[at] ?? 0)));
    expect(passed).to.deep.equal([1_250, 800]);
    expect(fired.map(Math.round)).to.deep.equal([80, 125]);
  });

  it('keeps timers from firing early when its rate falls meanwhile', async () => {
    const world = new SimulatedWorld({ seed: 1 });
    const process = world.process('p');
    const start = process.world.clock.now();
    let after = 0;
    process.world.clock.after(100, () => {
      after = process.world.clock.now() - start;
    });
    await world.runFor(50);
    process.setClockRate(1 / 3);
    await world.runFor(100);
    expect(after).to.equal(0);
    await world.runFor(100);
    expect(after).to.be.within(100, 100.01);
  });

  it('shows no two processes, and no two runs, the same monotonic time', () => {
    const world = new SimulatedWorld({ seed: 1 });
    const a = world.process('a');
    const readings = [a.world.clock.now(), world.process('b').world.clock.now(), a.restart().clock.now()];
    expect(new Set(readings).size).to.equal(3);
  });

  it('lets its wall clock be set, while the monotonic one goes on', async () => {
    const world = new SimulatedWorld({ seed: 1 });
    const process = world.process('p');
    const { clock } = process.world;
    const [now, wall] = [clock.now(), clock.wallNow()];
    process.jumpWallClock(-3_600_000);
    await world.runFor(10);
    expect(clock.now() - now).to.equal(10);
    expect(clock.wallNow() - wall).to.equal(-3_599_990);
    expect(new Date(wall).toISOString()).to.equal('2026-01-01T00:00:00.000Z');
  });

  it('passes within a turn of a slow process: a later reading of the clock is later, and the next turn later still', async () => {
    const world = new SimulatedWorld({ seed: 1 });
    const process = world.process('p');
    const { clock } = process.world;
    process.slowDown(8);
    const turns: number[][] = [];
    for (const delay of [10, 11]) clock.after(delay, () => turns.push([clock.now(), clock.now(), clock.now()]));
    const from = clock.now();
    await world.runFor(50);
    expect(turns.map((turn) => turn.map((now) => now - from))).to.deep.equal([
      [10, 14, 16],
      [18, 22, 24],
    ]);
  });

  it('lets its machine sleep: only the wall clock shows that, and no timer is early', async () => {
    const world = new SimulatedWorld({ seed: 1 });
    const process = world.process('p');
    const { clock } = process.world;
    const [now, wall] = [clock.now(), clock.wallNow()];
    const fired: number[] = [];
    clock.after(100, () => fired.push(world.now));
    await world.runFor(40);
    process.suspend(1_000);
    await world.runFor(1_010);
    expect(clock.now() - now, 'monotonic').to.equal(50);
    expect(clock.wallNow() - wall, 'wall').to.equal(1_050);
    expect(fired, 'the timer has 50 ms to go').to.deep.equal([]);
    await world.runFor(50);
    expect(fired).to.deep.equal([1_100]);
  });

  it('wakes a machine whose process is started again, and counts only the time that it slept', async () => {
    const world = new SimulatedWorld({ seed: 1 });
    const process = world.process('p');
    const wall = process.world.clock.wallNow();
    process.suspend(1_000);
    await world.runFor(300);
    const { clock } = process.restart();
    const now = clock.now();
    await world.runFor(10);
    expect(clock.now() - now).to.equal(10);
    expect(clock.wallNow() - wall).to.equal(310);
  });
});

/** What a node answered lately, as its feed tells it. */
import { CallWindow } from '@understudy/dashboard';
import { CallMeter } from '@understudy/rpc';
import { SimulatedWorld } from '@understudy/testkit';
import { expect } from 'chai';

function stage() {
  const world = new SimulatedWorld({ seed: 1 });
  const { clock } = world.process('s').world;
  const meter = new CallMeter();
  const nameOf = (method: string) => (method.startsWith('kv.') ? method.slice(3) : undefined);
  const answer = (method: string, tookMs: number, times: number): void => {
    for (let count = 0; count < times; count++) meter.answered(method, {}, tookMs, undefined);
  };
  return { world, meter, answer, window: new CallWindow({ meter, clock, nameOf }) };
}

describe('the calls of a node', () => {
  it('are counted by their names in the feed, and no others', () => {
    const { meter, answer, window } = stage();
    answer('kv.get', 1, 3);
    answer('sysmonitor.ping', 1, 5);
    meter.answered('kv.put', {}, 1, 'NOT_PRIMARY');
    meter.answered('kv.get', {}, 1, 'NOT_PRIMARY');
    meter.answered('sysmonitor.ping', {}, 1, 'RECOVERING');
    expect(window.read()).to.deep.equal({ byMethod: { get: 4, put: 1 }, failures: { NOT_PRIMARY: 2 } });
  });

  it('of the last second: how many, and how long they took', async () => {
    const { world, answer, window } = stage();
    answer('kv.get', 700, 1_000);
    window.read();
    await world.runFor(250);
    answer('kv.get', 0.2, 98);
    answer('kv.put', 40, 2);
    const { lately } = window.read();
    expect(lately?.perSecond).to.equal(400);
    expect(lately?.p50Ms).to.be.within(0.1, 0.25);
    expect(lately?.p99Ms).to.be.within(25, 50);
  });

  it('forgets what is older than that', async () => {
    const { world, answer, window } = stage();
    window.read();
    answer('kv.get', 5, 1_000);
    for (let tick = 0; tick < 4; tick++) {
      await world.runFor(250);
      window.read();
    }
    await world.runFor(250);
    expect(window.read().lately).to.deep.equal({ perSecond: 0, p50Ms: null, p99Ms: null });
  });

  it('says nothing of a time when nobody looked', async () => {
    const { world, answer, window } = stage();
    window.read();
    answer('kv.get', 5, 1_000);
    await world.runFor(60_000);
    expect(window.read()).not.to.have.property('lately');
    await world.runFor(500);
    expect(window.read().lately?.perSecond).to.equal(0);
  });

  it('counts what took longer than it can tell as the longest that it can', async () => {
    const { world, answer, window } = stage();
    window.read();
    await world.runFor(500);
    answer('kv.get', 60_000, 1);
    expect(window.read().lately?.p50Ms).to.equal(10_000);
  });
});

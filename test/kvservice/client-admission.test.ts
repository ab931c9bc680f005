import { AbortWatch } from '@understudy/rpc';
import { SimulatedWorld } from '@understudy/testkit';
import { expect } from 'chai';
import { Admission } from '../../packages/kvservice/src/client/admission.ts';

const MOST = 64;

/** A client with as much at the servers as may be there, half of it too much for them. */
class Bench {
  readonly world = new SimulatedWorld({ seed: 1 });
  readonly #clock = this.world.process('p').world.clock;
  readonly admission = new Admission({
    clock: this.#clock,
    aborts: new AbortWatch(),
    maxInFlight: MOST,
    maxWaiting: undefined,
  });

  constructor() {
    for (let i = 0; i < MOST; i++) this.admission.enter();
    this.admission.congested(this.admission.flight);
  }

  /** Somebody waits, for so long at most. */
  wait(ms: number): void {
    const giveUp = (how: string) => new Error(how);
    this.admission.wait({ signal: undefined, deadlineMs: this.#clock.now() + ms, giveUp }).catch(() => undefined);
  }
}

describe('client: who may join those that wait', () => {
  it('takes a line for a burst, and refuses more when it has stood for a tenth of a second', async () => {
    const bench = new Bench();
    bench.wait(Infinity);
    await bench.world.runFor(99);
    expect(bench.admission.isFull).to.equal(false);
    await bench.world.runFor(2);
    expect(bench.admission.isFull).to.equal(true);
  });

  it('counts anew when all who waited have given up', async () => {
    const bench = new Bench();
    bench.wait(10);
    await bench.world.runFor(300);
    bench.wait(Infinity);
    expect(bench.admission.isFull).to.equal(false);
    await bench.world.runFor(101);
    expect(bench.admission.isFull).to.equal(true);
  });

  it('has room for whoever comes when nobody waits', async () => {
    const bench = new Bench();
    bench.wait(10);
    await bench.world.runFor(300);
    expect(bench.admission.isFull).to.equal(false);
  });
});

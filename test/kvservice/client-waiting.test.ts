import { getEventListeners } from 'node:events';
import { AbortWatch } from '@understudy/rpc';
import { SimulatedWorld } from '@understudy/testkit';
import { expect } from 'chai';
import {
  type GivingUp,
  type Limit,
  type Patience,
  WaitingLine,
} from '../../packages/kvservice/src/client/waiting-line.ts';

/** What a wait came to. */
type Outcome = { readonly value: string } | { readonly error: string } | 'waits';

class Bench {
  readonly world = new SimulatedWorld({ seed: 1 });
  readonly process = this.world.process('p');
  readonly line = new WaitingLine<string>({ clock: this.process.world.clock, aborts: new AbortWatch() });
  readonly outcomes: Outcome[] = [];

  wait({ signal, ms }: { signal?: AbortSignal; ms?: number } = {}, limit?: Limit<string>): void {
    const { clock } = this.process.world;
    const patience: Patience = {
      signal,
      deadlineMs: ms === undefined ? Infinity : clock.now() + ms,
      giveUp: (how: GivingUp) => new Error(how),
    };
    const place = this.outcomes.push('waits') - 1;
    this.line.wait(patience, limit).then(
      (value) => (this.outcomes[place] = { value }),
      (error: Error) => (this.outcomes[place] = { error: error.message }),
    );
  }

  /** Lets promises settle, and time pass. */
  async pass(ms = 0): Promise<void> {
    await this.world.runFor(ms);
  }
}

describe('client: a line of waiting operations', () => {
  it('serves in order, one at a time or all at once', async () => {
    const bench = new Bench();
    for (let i = 0; i < 4; i++) bench.wait();
    bench.line.serve('first');
    await bench.pass();
    expect(bench.outcomes).to.deep.equal([{ value: 'first' }, 'waits', 'waits', 'waits']);
    bench.line.serveAll('rest');
    await bench.pass();
    expect(bench.outcomes.slice(1)).to.deep.equal(Array(3).fill({ value: 'rest' }));
    expect(bench.line.length).to.equal(0);
  });

  it('gives nothing to the next one that waits when it serves nobody', async () => {
    const bench = new Bench();
    for (let times = 0; times < 3; times++) bench.line.serve('nobody');
    bench.wait();
    await bench.pass();
    expect(bench.outcomes).to.deep.equal(['waits']);
    bench.line.serve('first');
    await bench.pass();
    expect(bench.outcomes).to.deep.equal([{ value: 'first' }]);
  });

  it('lets each give up alone, by time or by signal, and serves the ones behind', async () => {
    const bench = new Bench();
    const abort = new AbortController();
    bench.wait({ ms: 10 });
    bench.wait({ signal: abort.signal });
    bench.wait();
    await bench.pass(11);
    abort.abort();
    await bench.pass();
    expect(bench.outcomes).to.deep.equal([{ error: 'TIMEOUT' }, { error: 'ABORTED' }, 'waits']);
    expect(bench.line.length).to.equal(1);
    bench.line.serve('third');
    await bench.pass();
    expect(bench.outcomes[2]).to.deep.equal({ value: 'third' });
  });

  it('serves by itself when its limit is over, unless patience ends first', async () => {
    const bench = new Bench();
    const limit = { ms: 20, value: 'time' };
    bench.wait({}, limit);
    bench.wait({ ms: 10 }, limit);
    bench.wait({ ms: 30 }, limit);
    await bench.pass(40);
    expect(bench.outcomes).to.deep.equal([{ value: 'time' }, { error: 'TIMEOUT' }, { value: 'time' }]);
  });

  it('takes nobody in who has given up already', async () => {
    const bench = new Bench();
    bench.wait({ signal: AbortSignal.abort() });
    await bench.pass();
    expect(bench.outcomes).to.deep.equal([{ error: 'ABORTED' }]);
    expect(bench.line.length).to.equal(0);
  });

  it('dismisses all, each by his own words or all by the same error', async () => {
    const bench = new Bench();
    bench.wait();
    bench.line.dismiss('CLOSED');
    bench.wait();
    bench.line.dismiss(new Error('broken'));
    await bench.pass();
    expect(bench.outcomes).to.deep.equal([{ error: 'CLOSED' }, { error: 'broken' }]);
  });

  const endings: Readonly<Record<string, (bench: Bench, abort: AbortController) => unknown>> = {
    served: (bench) => bench.line.serve(''),
    'served with all': (bench) => bench.line.serveAll(''),
    dismissed: (bench) => bench.line.dismiss('CLOSED'),
    aborted: (_, abort) => abort.abort(),
    'out of time': (bench) => bench.pass(51),
  };
  for (const [how, end] of Object.entries(endings)) {
    it(`keeps no timer and no listener when ${how}`, async () => {
      const bench = new Bench();
      const abort = new AbortController();
      bench.wait({ signal: abort.signal, ms: 50 });
      expect(bench.process.leftovers.timers).to.equal(1);
      expect(getEventListeners(abort.signal, 'abort')).to.have.length(1);
      await end(bench, abort);
      expect(bench.process.leftovers.timers).to.equal(0);
      expect(getEventListeners(abort.signal, 'abort')).to.have.length(0);
      expect(bench.line.length).to.equal(0);
    });
  }

  it('listens once to a signal that many share', async () => {
    const bench = new Bench();
    const abort = new AbortController();
    for (let i = 0; i < 1_000; i++) bench.wait({ signal: abort.signal });
    expect(getEventListeners(abort.signal, 'abort')).to.have.length(1);
    bench.line.serve('');
    expect(getEventListeners(abort.signal, 'abort')).to.have.length(1);
    abort.abort();
    await bench.pass();
    expect(bench.outcomes.slice(1)).to.deep.equal(Array(999).fill({ error: 'ABORTED' }));
    expect(getEventListeners(abort.signal, 'abort')).to.have.length(0);
  });

  it('stays cheap when many come and go', async () => {
    const bench = new Bench();
    const abort = new AbortController();
    bench.wait();
    for (let i = 0; i < 50_000; i++) {
      bench.wait();
      bench.line.serve('next');
    }
    for (let i = 0; i < 1_000; i++) bench.wait({ signal: abort.signal });
    abort.abort();
    bench.wait();
    expect(bench.line.length).to.equal(2);
    bench.line.serveAll('end');
    await bench.pass();
    expect(bench.outcomes.filter((outcome) => outcome === 'waits')).to.have.length(0);
  });
});

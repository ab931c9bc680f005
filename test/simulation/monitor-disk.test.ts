/** Faults of the monitor's disk: they occur, the service survives, and the invariants detect mistakes (V9, V12). */
import { seal } from '@understudy/rpc';
import type { MonitorState, View } from '@understudy/sysmonitor';
import { MONITOR_DISK_FAULTS, SeededRandom, simulate } from '@understudy/testkit';
import { expect } from 'chai';
import { drawFaults } from '../../packages/testkit/src/faults/swarm.ts';
import { THEMES } from '../../packages/testkit/src/faults/themes.ts';
import type { ObservedStep } from '../../packages/testkit/src/invariants/invariant.ts';
import { MonitorSaves } from '../../packages/testkit/src/invariants/monitor-saves.ts';

function viewOf(viewnum: number, cluster = 'c'): View {
  return { viewnum, primary: 'a:1', backups: ['b:1'], syncing: [], cluster };
}

function stateOf(viewnum: number, change: Partial<MonitorState> = {}): MonitorState {
  const seats = ['a:1', 'b:1'].map((server) => ({ server, incarnation: server, tookPart: false, lostData: false }));
  return { view: viewOf(viewnum), acknowledged: false, safe: ['a:1'], seats, runs: [], ...change };
}

/** The seats of a state, the primary's changed. */
function withSeat(change: Partial<MonitorState['seats'][number]>): Partial<MonitorState> {
  return { seats: stateOf(1).seats.map((seat, place) => (place === 0 ? { ...seat, ...change } : seat)) };
}

class Bench {
  readonly #invariant = new MonitorSaves(() => (this.#record === undefined ? [] : [['monitor', this.#record]]));
  #record: string | undefined;

  save(state: MonitorState | null): this {
    this.#record = seal('monitor', { format: 1, state });
    return this;
  }

  damage(): this {
    this.#record = '00000000{}';
    return this;
  }

  answer(state: MonitorState | undefined): string | undefined {
    return this.#invariant.onMonitor({ ping: undefined, notices: [], state });
  }

  know(server: string, view: View, effects: readonly object[] = [{ kind: 'notice' }]): string | undefined {
    return this.#invariant.onReplica({ effects, replica: { server, view } } as unknown as ObservedStep);
  }
}

describe('the monitor tells nothing that is not on its disk (V9)', () => {
  it('what it answers is there, or something newer', () => {
    const bench = new Bench().save(stateOf(2, { acknowledged: true }));
    for (const state of [undefined, stateOf(1), stateOf(2), stateOf(2, { acknowledged: true })])
      expect(bench.answer(state)).to.equal(undefined);
  });

  it('a view, an acknowledgement, a loss or a position that is not there is told too early', () => {
    const told = (saved: MonitorState, state: MonitorState) => new Bench().save(saved).answer(state);
    expect(told(stateOf(1), stateOf(2))).to.equal('the monitor answered, and its disk lacks view 2');
    expect(told(stateOf(1), { ...stateOf(1), view: viewOf(1, 'd') })).to.match(/lacks view 1$/);
    expect(told(stateOf(1), stateOf(1, { acknowledged: true }))).to.match(/lacks that view 1 is acknowledged$/);
    const position = { viewnum: 1, index: 5 };
    for (const change of [{ lostData: true }, { tookPart: true }, { position }])
      expect(told(stateOf(1), stateOf(1, withSeat(change)))).to.match(/lacks what a:1 reported/);
    expect(told(stateOf(1, withSeat({ position })), stateOf(1, withSeat({ position })))).to.equal(undefined);
  });

  it('nothing is told by one whose memory is empty, damaged or known to be lost', () => {
    expect(new Bench().answer(stateOf(1))).to.match(/lacks view 1$/);
    expect(new Bench().damage().answer(stateOf(1))).to.match(/lacks view 1$/);
    expect(new Bench().save(null).answer(stateOf(1))).to.match(/lacks view 1$/);
    expect(new Bench().save(null).answer(undefined)).to.equal(undefined);
  });

  it('a server knows only views that were on the disk at some time', () => {
    const bench = new Bench().save(stateOf(3));
    expect(bench.know('a:1', viewOf(3))).to.equal(undefined);
    expect(bench.know('b:1', viewOf(4))).to.match(/^b:1 knows view 4, and the monitor has had no view above 3/);
    bench.damage().answer(undefined);
    expect(bench.know('c:1', viewOf(2)), 'it was there before').to.equal(undefined);
    expect(bench.know('c:1', viewOf(1, 'other'))).to.match(
      /^c:1 knows view 1, and the monitor has had no view above 0/,
    );
  });
});

describe("faults of the monitor's disk", function () {
  this.timeout(120_000);

  it('come with the theme of the monitor where there are disks, and in some other seeds', () => {
    const theme = THEMES.find(({ name }) => name === 'monitor');
    const drawn = (seed: number, hasDisk: boolean, of: typeof theme) =>
      drawFaults(new SeededRandom(seed), { wanted: 'all', hasDisk, theme: of })
        .map(({ fault }) => fault)
        .filter((fault) => (MONITOR_DISK_FAULTS as readonly string[]).includes(fault));
    const seeds = Array.from({ length: 100 }, (_, seed) => seed);
    expect(seeds.filter((seed) => drawn(seed, true, theme).length === 4).length).to.be.greaterThan(70);
    expect(seeds.filter((seed) => drawn(seed, true, undefined).length > 0)).to.have.length.within(40, 80);
    expect(seeds.flatMap((seed) => [...drawn(seed, false, theme), ...drawn(seed, false, undefined)])).to.deep.equal([]);
  });

  it('stop the monitor, damage its data, and break nothing', async () => {
    const faults = [...MONITOR_DISK_FAULTS, 'crash', 'slow-disk'] as const;
    const seen = { 'monitor stopped by its disk': 0, "monitor's damaged data set aside": 0, 'monitor restarted': 0 };
    for (let seed = 1; seed <= 2; seed++) {
      const result = await simulate({ seed: `monitor disk ${seed}`, seconds: 20, faults });
      expect(result.violations).to.deep.equal([]);
      for (const name of Object.keys(seen) as (keyof typeof seen)[]) seen[name] += result.coverage[name] ?? 0;
    }
    for (const [name, times] of Object.entries(seen)) expect(times, name).to.be.greaterThan(0);
  });
});

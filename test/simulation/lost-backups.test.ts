/** What the monitor does with a backup that its primary names as lost (V13). */
import type { MonitorNotice, MonitorStep, Ping } from '@understudy/sysmonitor';
import { expect } from 'chai';
import { LostBackups } from '../../packages/testkit/src/invariants/lost-backups.ts';

const OUT = { kind: 'backup-unreachable', server: 'b:1', waitMs: 1_000 } as const;
const IN = { kind: 'backup-joined', server: 'b:1' } as const;

class Bench {
  now = 0;
  starts = 1;
  readonly #invariant = new LostBackups({ now: () => this.now, monitorStarts: () => this.starts });

  view(...causes: readonly (typeof OUT | typeof IN)[]): string | undefined {
    return this.#step(undefined, [{ kind: 'view', view: viewOf(['b:1']), causes }]);
  }

  /** The primary's ping; its answer has these backups. */
  ping(change: Partial<Ping>, backups = ['b:1'], notices: readonly MonitorNotice[] = []): string | undefined {
    return this.#step({ server: 'a:1', viewnum: 2, secret: 's', ...change }, notices, backups);
  }

  refused(change: Partial<Ping>): string | undefined {
    return this.#step({ server: 'a:1', viewnum: 2, secret: 's', ...change }, [], ['b:1'], true);
  }

  acknowledge(secret: string): this {
    this.ping({ secret }, [], [{ kind: 'acknowledged', view: viewOf([]) }]);
    return this;
  }

  #step(
    ping: Ping | undefined,
    notices: readonly MonitorNotice[],
    backups: readonly string[] = ['b:1'],
    isRefused = false,
  ): string | undefined {
    const state = { view: viewOf(backups) } as unknown as MonitorStep['state'];
    return this.#invariant.onMonitor({ ping, isRefused, notices, state });
  }
}

function viewOf(backups: readonly string[]) {
  return { viewnum: 2, primary: 'a:1', backups, syncing: [], cluster: 'c' };
}

describe('a backup that its primary names as lost', () => {
  it('stays out for its wait, by a clock that may be a little fast', () => {
    const bench = new Bench();
    bench.view(OUT);
    bench.now = 850;
    expect(bench.view(IN)).to.equal(undefined);
    bench.view(OUT);
    bench.now += 300;
    expect(bench.view(IN)).to.equal('b:1 joined again 500 ms before its wait was over');
  });

  it('may join at once a monitor that was started anew', () => {
    const bench = new Bench();
    bench.view(OUT);
    bench.starts += 1;
    expect(bench.view(IN)).to.equal(undefined);
  });

  it('leaves the view: it is not named in vain again and again', () => {
    const lost = ['b:1'];
    const bench = new Bench().acknowledge('s');
    expect([bench.ping({ lost }), bench.ping({ lost })]).to.deep.equal([undefined, undefined]);
    expect(bench.ping({ lost })).to.equal('b:1 is still a backup, and its primary has named it as lost 3 times');
    for (const between of [{}, { lost: ['c:1'] }, { lost, leaving: true }]) {
      const other = new Bench().acknowledge('s');
      other.ping({ lost });
      other.ping({ lost });
      if ('leaving' in between) expect(other.ping(between)).to.equal(undefined);
      else {
        other.ping(between);
        expect(other.ping({ lost })).to.equal(undefined);
      }
    }
  });

  it('stays after pings that the monitor did not take: refused, copied, or overtaken by a later one', () => {
    const lost = ['b:1'];
    const bench = new Bench().acknowledge('s');
    const none = [undefined, undefined, undefined, undefined];
    expect([3, 4, 5, 6].map((seq) => bench.refused({ lost, seq }))).to.deep.equal(none);
    expect([9, 9, 8, 9].map((seq) => bench.ping({ lost, seq }))).to.deep.equal(none);
    expect([bench.ping({ lost, seq: 10 }), bench.refused({ seq: 11 })]).to.deep.equal([undefined, undefined]);
    expect(bench.ping({ lost, seq: 12 })).to.equal(
      'b:1 is still a backup, and its primary has named it as lost 3 times',
    );
  });

  it('counts only where its primary itself names it, and it is in the view', () => {
    const lost = ['b:1'];
    const bench = new Bench().acknowledge('s');
    const all = (change: Partial<Ping>, backups?: string[]) => [1, 2, 3, 4].map(() => bench.ping(change, backups));
    for (const change of [
      { lost, secret: 'guessed' },
      { lost, server: 'c:1' },
    ])
      expect(all(change)).to.deep.equal([undefined, undefined, undefined, undefined]);
    expect(all({ lost }, ['c:1'])).to.deep.equal([undefined, undefined, undefined, undefined]);
  });
});

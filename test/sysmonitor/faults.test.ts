/** What goes wrong in the field, as far as the monitor has a part in it. */

import { SeededRandom } from '@understudy/testkit';
import { expect } from 'chai';
import { A_AND_B, A_B_AND_C, newMonitor, play, table } from './support/table.ts';

const TWO = { backups: 2 };

describe('fast failovers', () => {
  table('A, B, A: the old primary comes back as a backup that syncs, however long its log of the older view is', {}, [
    ...A_AND_B,
    ['300..700', 'B/b1 2 at=2:10', '3:B'],
    [800, 'A/a1 2 at=2:99; B/b1 3 at=3:11', '3:B; 4:B,A*'],
    ['900..1300', 'A/a1 2 at=2:99', '4:B,A*'],
    [1400, 'A/a1 2 at=2:99; B/b1 3 at=3:12', '4:B,A*; 4:B,A*'],
    [1500, 'A/a1 4 at=3:12; B/b1 4 at=3:12', '4:B,A*; 4:B,A ok'],
    ['1600..2000', 'A/a1 4 at=3:12', '5:A'],
  ]);

  table('a server that is removed, added, removed and added keeps none of its former rights', {}, [
    ...A_AND_B,
    ['300..700', 'A/a1 2', '3:A'],
    [800, 'B/b1 2; A/a1 3', '3:A; 4:A,B*'],
    ['900..1200', 'A/a1 3', '4:A,B*'],
    [1300, 'A/a1 3', '5:A'],
    [1400, 'B/b1 2; A/a1 5', '5:A; 6:A,B*'],
    ['1500..3000', 'B/b1 2', '6:A,B*'],
  ]);
});

describe('deaths of all', () => {
  table('the last server standing dies; an old backup that returns first is not promoted', {}, [
    ...A_AND_B,
    ['300..700', 'A/a1 2', '3:A'],
    [800, 'A/a1 3', '3:A ok'],
    ['1500..3000', 'B/b1 2', '3:A ok'],
    [3100, 'A/a2 3', '4:A'],
    [3200, 'B/b1 2; A/a2 4', '4:A; 5:A,B*'],
  ]);

  table('all die at once: whoever returns first with its data is primary', TWO, [
    ...A_B_AND_C,
    [5000, 'C/c2 3', '4:A,B,C'],
    ['5100..5500', 'C/c2 3', '5:C,B'],
    [5600, 'A/a2 3; B/b2 3', '5:C,B; 6:C,B'],
    [5700, 'C/c2 6', '7:C,B,A*'],
  ]);
});

describe('primary and backup cannot reach each other, but both reach the monitor', () => {
  it('one of them goes, once, and view changes become rare', () => {
    const monitor = newMonitor();
    play(monitor, A_AND_B);
    let fulfilled = 2;
    let joinedAt = 0;
    const changes: number[] = [];
    for (let now = 300; now <= 3_600_000; now += 100) {
      monitor.tick(now);
      const before = monitor.view;
      // The primary goes on without a syncing backup, and names it after 500 ms without an answer.
      const lost = before.backups.length > 0 && now - joinedAt >= 500 ? ['B'] : [];
      if (before.backups.length === 0) fulfilled = before.viewnum;
      monitor.ping({ server: 'B', incarnation: 'b1', viewnum: 2 }, now);
      monitor.ping({ server: 'A', incarnation: 'a1', viewnum: fulfilled, lost }, now);
      if (monitor.view.backups.length > before.backups.length) joinedAt = now;
      if (monitor.view.viewnum !== before.viewnum) changes.push(now);
      expect(monitor.view.primary).to.equal('A');
    }
    expect(
      changes.filter((time) => time <= 1_300),
      'changes in the first second',
    ).to.have.lengthOf(1);
    expect(changes.length, 'changes in an hour').to.be.within(10, 40);
  });
});

describe('the monitor itself', () => {
  table('is paused: nobody is given up for that', {}, [...A_AND_B, [10_000, 'B/b1 2; A/a1 2', '2:A,B ok; 2:A,B ok']]);

  table(
    'restarts without its state next to a blank server, while primary and backup live: nothing is lost',
    {
      newCluster: false,
    },
    [
      [0, 'N/n1 0', '0:'],
      [10, 'A/a1 7 knows=7:A,B', 'RECOVERING B'],
      [100, 'N/n1 0; B/b1 7 knows=7:A,B', '0:; RECOVERING A'],
      [500, 'N/n1 0', 'RECOVERING A'],
      [510, 'A/a1 7 knows=7:A,B', '1007:A'],
      [600, 'N/n1 0; B/b1 7 knows=7:A,B; A/a1 1007 knows=1007:A', '1007:A; 1007:A; 1008:A,B*'],
    ],
  );

  table('restarts twice without its state: no number is given twice', { newCluster: false }, [
    [500, 'A/a1 7 knows=7:A', '1007:A'],
    [600, 'A/a1 1007 knows=1007:A', '1007:A ok'],
  ]);

  table('and again', { newCluster: false }, [[500, 'A/a1 1007 knows=1007:A', '2007:A']]);

  table('is cut off from everybody, and the primary restarts blank in that time: its backup takes over', {}, [
    ...A_AND_B,
    [3000, 'A/a2 0; B/b1 2', '2:A,B ok; 3:B,A*'],
  ]);

  table(
    'is cut off, and the backup restarts blank: it is not removed for the primary before the primary was heard',
    {},
    [...A_AND_B, [3000, 'B/b2 0', '2:A,B ok'], [3100, 'A/a1 2', '3:A,B*']],
  );

  table('is cut off from all but one: that one deprives nobody who may hold the data (V8)', TWO, [
    ...A_B_AND_C,
    ['3000..3300', 'C/c2 0', '3:A,B,C ok'],
    [3400, 'B/b1 3', '3:A,B,C ok'],
    [3500, 'B/b1 3', '4:B,C'],
  ]);
});

describe('two processes of one address', () => {
  table('the ping of a former run arrives late', {}, [
    ...A_AND_B,
    [300, 'B/b2 0; A/a1 2', '2:A,B ok; 3:A,B*'],
    [400, 'B/b1 2; A/a1 3; B/b1 2', 'CONFLICTING_SERVER; 3:A,B ok; CONFLICTING_SERVER'],
  ]);

  table('the former run of the primary does not acknowledge, nor keep it alive', {}, [
    ...A_AND_B.slice(0, 2),
    [200, 'A/a2 0; A/a1 2', '2:A,B*; CONFLICTING_SERVER'],
    ['300..1000', 'A/a1 2; B/b1 0', 'CONFLICTING_SERVER; 2:A,B*'],
  ]);
});

describe('what only one server holds', () => {
  table(
    'C of view 3 returns with a longer log than B of view 4, and the monitor loses its state: B goes on (R6)',
    {
      newCluster: false,
    },
    [
      [0, 'C/c1 3 at=3:5 knows=3:C,B', 'RECOVERING B'],
      [100, 'B/b1 4 at=4:6 knows=5:B,C*', 'RECOVERING B'],
      [500, 'C/c1 3 at=3:5 knows=3:C,B', 'RECOVERING B'],
      [600, 'B/b1 4 at=4:6 knows=5:B,C*', '1005:B'],
    ],
  );

  table('B of view 4 is away: C waits for it', { newCluster: false }, [
    ['0..5000', 'C/c1 3 at=3:5 knows=3:C,B', 'RECOVERING B'],
  ]);
});

describe('thirty per cent of the pings lost for ten minutes', () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    it(`makes a bounded number of view changes, and ends well (seed ${seed})`, () => {
      const random = new SeededRandom(seed);
      const monitor = newMonitor();
      const servers = ['A', 'B', 'C'].map((server) => ({ server, viewnum: 0, at: random.number() * 100 }));
      const run = (from: number, to: number, loss: number) => {
        for (let now = from; now < to; now += 100) {
          monitor.tick(now);
          for (const one of servers) {
            if (random.number() < loss) continue;
            const { answer } = monitor.ping(
              { server: one.server, incarnation: 'i', viewnum: one.viewnum },
              now + one.at,
            );
            const named = answer.kind === 'view' && [answer.view.primary, ...answer.view.backups].includes(one.server);
            if (answer.kind === 'view' && named && random.number() >= loss) one.viewnum = answer.view.viewnum;
          }
        }
      };
      run(0, 1_000, 0);
      run(1_000, 600_000, 0.3);
      // Five lost in a row happen to each server about once a minute.
      expect(monitor.view.viewnum).to.be.within(3, 150);
      run(600_000, 602_000, 0);
      expect(monitor.status(602_000).acknowledged).to.equal(true);
      expect(monitor.view.backups).to.have.lengthOf(1);
    });
  }
});

describe('made-up names', () => {
  it('take the place of no server that lives: beyond as many as set, those without a seat are refused', () => {
    const monitor = newMonitor({ maxServers: 3 });
    const ping = (server: string, now: number) => monitor.ping({ server, incarnation: 'i', viewnum: 0 }, now).answer;
    for (const server of ['A', 'B', 'C', 'D', 'E']) ping(server, 0);
    expect(monitor.status(0).servers.map(({ server }) => server)).to.have.lengthOf(4);
    const refused = ping('F', 10);
    expect(refused.kind === 'failure' && refused.failure.name).to.equal('OVERLOADED');
    for (const server of ['A', 'B']) ping(server, 600);
    expect(ping('F', 650).kind, 'somebody is silent now').to.equal('view');
    expect(monitor.status(650).servers.map(({ server }) => server)).to.include.members(['A', 'B', 'F']);
  });

  it('are given no seat where the primary has shown who it is (V6)', () => {
    const monitor = newMonitor();
    const primary = { server: 'A', incarnation: 'a', secret: 's' };
    monitor.ping({ ...primary, viewnum: 0 }, 0);
    monitor.ping({ server: 'evil.example:80', viewnum: 0 }, 10);
    monitor.ping({ ...primary, viewnum: 1 }, 20);
    expect(monitor.view).to.deep.include({ viewnum: 1, backups: [] });
    monitor.ping({ server: 'B', incarnation: 'b', secret: 't', viewnum: 0 }, 30);
    monitor.ping({ ...primary, viewnum: 1 }, 40);
    expect(monitor.view).to.deep.include({ viewnum: 2, backups: ['B'] });
    expect(monitor.status(50).servers.map(({ server, confirmed }) => [server, confirmed])).to.deep.equal([
      ['A', true],
      ['B', true],
      ['evil.example:80', false],
    ]);
  });
});

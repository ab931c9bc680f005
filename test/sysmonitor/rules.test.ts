/** The rules about views, V1 to V8, V10, V11, V13 and V14: tables, one or a few for each. */
import { expect } from 'chai';
import { A_AND_B, A_B_AND_C, newMonitor, play, table } from './support/table.ts';

const TWO = { backups: 2 };

describe('V1: the first server becomes primary of view 1, alone', () => {
  table('at once where the cluster is new', {}, [[0, 'A/a1 0; B/b1 0', '1:A; 1:A']]);

  table('after a time of listening where it may not be, and then whoever pings first', { newCluster: false }, [
    [0, 'A/a1 0', '0:'],
    ['100..400', 'A/a1 0', '0:'],
    [499, 'A/a1 0', '0:'],
    [500, 'B/b1 0; A/a1 0', '1:B; 1:B'],
  ]);

  table('but not a server that is leaving', {}, [
    [0, 'A/a1 0 leaving', '0:'],
    [100, 'B/b1 0', '1:B'],
  ]);

  it('and the view carries the id of the cluster and the run that holds the seat', () => {
    const monitor = newMonitor();
    play(monitor, [[0, 'A/a1 0', '1:A']]);
    expect(monitor.view).to.deep.include({ cluster: 'c', incarnations: { A: 'a1' } });
  });
});

describe('V2: dead is who is silent or lost its data', () => {
  table('silent is who was not heard for five ping intervals, and not a moment sooner', {}, [
    ...A_AND_B,
    ['300..600', 'B/b1 2', '2:A,B ok'],
    [699, 'B/b1 2', '2:A,B ok'],
    [700, 'B/b1 2', '3:B'],
  ]);

  table('a ping 0 of another run than the one that was given the seat is a loss', {}, [
    ...A_AND_B,
    [300, 'A/a2 0; B/b1 2', '2:A,B ok; 3:B,A*'],
  ]);

  table('a ping 0 of the run that was given the seat is none: it has not taken part yet', {}, [
    [0, 'A/a1 0', '1:A'],
    [100, 'A/a1 0', '1:A'],
    [200, 'A/a1 1; B/b1 0; A/a1 1', '1:A ok; 1:A ok; 2:A,B*'],
    [300, 'B/b1 0; B/b1 0; A/a1 2', '2:A,B*; 2:A,B*; 2:A,B ok'],
  ]);

  table('bare: a ping 0 is a loss once a ping above 0 was taken in that seat', {}, [
    [0, 'A 0; A 0; A 1', '1:A; 1:A; 1:A ok'],
    [100, 'B 0; A 1', '1:A ok; 2:A,B*'],
    [200, 'B 0; A 2; B 2', '2:A,B*; 2:A,B ok; 2:A,B ok'],
    [300, 'B 0; A 2', '2:A,B ok; 3:A,B*'],
  ]);

  table('a position below one reported before is a loss', {}, [
    ...A_AND_B,
    [300, 'B/b1 2 at=2:10', '2:A,B ok'],
    [400, 'B/b2 2 at=2:9; A/a1 2', '2:A,B ok; 3:A,B*'],
  ]);

  table('positions are compared by viewnum first, and one that is left out says nothing', {}, [
    ...A_AND_B,
    [300, 'B/b1 2 at=2:10; B/b1 2; B/b1 2 at=3:4', '2:A,B ok; 2:A,B ok; 2:A,B ok'],
    [400, 'A/a1 2', '2:A,B ok'],
  ]);
});

describe('V3: safe is who holds everything committed', () => {
  const safeAfter = (rows: Parameters<typeof play>[1]) => {
    const monitor = newMonitor(TWO);
    play(monitor, rows);
    return monitor.status(rows.length).safe;
  };

  it('the first primary, even before it acknowledges', () => {
    expect(safeAfter([[0, 'A/a1 0', '1:A']])).to.deep.equal(['A']);
  });

  it('never a syncing backup, until the primary acknowledges', () => {
    expect(safeAfter(A_AND_B.slice(0, 2))).to.deep.equal(['A']);
    expect(safeAfter(A_AND_B)).to.deep.equal(['A', 'B']);
  });

  it('not one that lost its data since it was counted, nor one that lost it before the acknowledgement came', () => {
    expect(safeAfter([...A_AND_B, [300, 'B/b2 0', '2:A,B ok']])).to.deep.equal(['A']);
    expect(safeAfter([...A_AND_B.slice(0, 2), [200, 'B/b2 0; A/a1 2', '2:A,B*; 3:A,B*']])).to.deep.equal(['A']);
  });

  table('one that is silent stays safe, and is promoted when it is back', {}, [
    ...A_AND_B,
    [2000, 'B/b1 2', '2:A,B ok'],
    ['2100..2400', 'B/b1 2', '2:A,B ok'],
    [2500, 'B/b1 2', '3:B'],
  ]);

  table('one that a later view left out is not, though it comes back first', {}, [
    ...A_AND_B,
    ['300..700', 'A/a1 2', '3:A'],
    [800, 'A/a1 3', '3:A ok'],
    ['900..2000', 'B/b1 2', '3:A ok'],
  ]);
});

describe('V4: a safe backup follows a dead primary', () => {
  const readyToFollow = (b: string, c: string) => `B/b1 3 ${b}; C/c1 3 ${c}`;

  table('the one with the highest priority', TWO, [
    ...A_B_AND_C,
    ['500..900', readyToFollow('at=3:9', 'at=3:8 priority=1'), '3:A,B,C ok; 4:C,B'],
  ]);

  table('then the one with the highest position', TWO, [
    ...A_B_AND_C,
    ['500..900', readyToFollow('at=3:8', 'at=3:9'), '3:A,B,C ok; 4:C,B'],
  ]);

  table('but before all that one that did not restart since the last acknowledgement: its data was compared', TWO, [
    ...A_B_AND_C,
    [500, 'B/b2 3 at=3:7 priority=1; C/c1 3 at=3:9', '4:A,B,C; 4:A,B,C'],
    ['600..900', 'B/b2 3 at=3:7 priority=1; C/c1 3 at=3:9', '4:A,B,C; 5:C,B'],
  ]);

  table('then the first in the view', TWO, [...A_B_AND_C, ['500..900', `C/c1 3; B/b1 3`, '3:A,B,C ok; 4:B,C']]);

  table('the best one is waited for while it lives, and the next best follows when it does not', TWO, [
    ...A_B_AND_C,
    ['500..600', 'C/c1 3 priority=1; B/b1 3', '-; 3:A,B,C ok'],
    ['700..1000', 'B/b1 3', '3:A,B,C ok'],
    [1100, 'B/b1 3', '4:B,C'],
  ]);

  table('nobody, where nobody is safe: the view stands still until who holds the data is back', {}, [
    ...A_AND_B.slice(0, 2),
    ['200..2000', 'B/b1 0', '2:A,B*'],
    [2100, 'A/a1 2; B/b1 2', '2:A,B ok; 2:A,B ok'],
  ]);

  table('out of a view that was never acknowledged too', TWO, [
    ...A_AND_B,
    [300, 'C/c1 0; A/a1 2', '2:A,B ok; 3:A,B,C*'],
    ['400..700', 'B/b1 2; C/c1 0', '3:A,B,C*; 3:A,B,C*'],
    [800, 'C/c1 0; B/b1 2', '3:A,B,C*; 4:B,C*'],
  ]);

  table('not at a ping 0, which says that the server holds nothing', {}, [
    [0, 'A 0', '1:A'],
    [100, 'B 0; A 1', '1:A; 2:A,B*'],
    [200, 'A 2', '2:A,B ok'],
    ['300..900', 'B 0', '2:A,B ok'],
    [1000, 'B 2', '3:B'],
  ]);
});

describe('V5: a dead backup leaves the view', () => {
  table('at a ping of the primary', TWO, [
    ...A_B_AND_C,
    ['500..800', 'A/a1 3; C/c1 3', '3:A,B,C ok; 3:A,B,C ok'],
    [900, 'C/c1 3; A/a1 3', '3:A,B,C ok; 4:A,C'],
  ]);

  table('before an acknowledgement too', {}, [
    ...A_AND_B.slice(0, 2),
    ['200..500', 'A/a1 1', '2:A,B*'],
    [600, 'A/a1 1', '3:A'],
  ]);

  table('all dead ones in one change', TWO, [...A_B_AND_C, ['500..900', 'A/a1 3', '4:A']]);
});

describe('V6: an idle server joins, syncing', () => {
  table('one at a time, and only out of an acknowledged view', TWO, [
    [0, 'A/a1 0; B/b1 0; C/c1 0', '1:A; 1:A; 1:A'],
    [100, 'A/a1 1', '2:A,B*'],
    [200, 'B/b1 0; C/c1 0; A/a1 1', '2:A,B*; 2:A,B*; 2:A,B*'],
    [300, 'A/a1 2', '3:A,B,C*'],
  ]);

  table('the most up to date first', {}, [
    [0, 'A/a1 0; B/b1 0; C/c1 0 at=1:7', '1:A; 1:A; 1:A'],
    [100, 'A/a1 1', '2:A,C*'],
  ]);

  table('only one that was heard of late, and does not leave', {}, [
    [0, 'A/a1 0; B/b1 0; C/c1 0 leaving', '1:A; 1:A; 1:A'],
    ['100..500', 'A/a1 0', '1:A'],
    [600, 'A/a1 1', '1:A ok'],
  ]);

  table('in the change in which a backup leaves, or the primary', {}, [
    ...A_AND_B,
    ['300..600', 'A/a1 2; C/c1 0', '2:A,B ok; 2:A,B ok'],
    [700, 'A/a1 2; C/c1 0', '3:A,C*; 3:A,C*'],
    [800, 'A/a1 3; C/c1 3', '3:A,C ok; 3:A,C ok'],
    ['900..1200', 'B/b2 0; C/c1 3', '3:A,C ok; 3:A,C ok'],
    [1300, 'B/b2 0; C/c1 3', '3:A,C ok; 4:C,B*'],
  ]);

  table('no more than are wanted', {}, [...A_AND_B, [300, 'C/c1 0; A/a1 2', '2:A,B ok; 2:A,B ok']]);
});

describe('V7: only the primary acknowledges, with the number of the current view', () => {
  table('not a backup, not with an older number', {}, [
    ...A_AND_B.slice(0, 2),
    [200, 'B/b1 2; A/a1 1; A/a1 0', '2:A,B*; 2:A,B*; 2:A,B*'],
    [300, 'A/a1 2', '2:A,B ok'],
  ]);

  table('not another run of it, which gets a view of its own first', {}, [
    ...A_AND_B.slice(0, 2),
    [200, 'A/a2 2', '3:A,B*'],
    [300, 'A/a2 2', '3:A,B*'],
    [400, 'A/a2 3', '3:A,B ok'],
  ]);

  table('and a late lower ping does not take it back', {}, [...A_AND_B, [300, 'A/a1 1', '2:A,B ok']]);
});

describe('V8: a view changes only at a ping of whom it concerns', () => {
  it('never at a tick', () => {
    const monitor = newMonitor();
    play(monitor, A_AND_B);
    for (let now = 200; now < 5_000; now += 100) monitor.tick(now);
    expect(monitor.view.viewnum).to.equal(2);
  });

  table('a backup is not removed at the ping of another one', TWO, [...A_B_AND_C, ['500..900', 'C/c1 3', '4:C,B']]);

  table('and not while the primary is dead, but by its successor', TWO, [
    ...A_B_AND_C,
    ['500..900', 'C/c1 3; D/d1 0', '4:C,B,D*; 4:C,B,D*'],
    [1000, 'D/d1 0; C/c1 3', '4:C,B,D*; 5:C,D*'],
  ]);

  table('nobody is given a seat unheard', {}, [
    [0, 'A/a1 0; B/b1 0', '1:A; 1:A'],
    [1000, 'A/a1 1', '1:A ok'],
  ]);
});

describe('V10: silence of the monitor is no silence of the servers', () => {
  table('a time in which nobody was heard', {}, [
    ...A_AND_B,
    [1000, 'B/b1 2', '2:A,B ok'],
    [1100, 'A/a1 2', '2:A,B ok'],
  ]);

  it('a pause of its own', () => {
    const monitor = newMonitor();
    play(monitor, A_AND_B);
    monitor.tick(200);
    monitor.tick(900); // 700 ms late
    play(monitor, [[900, 'B/b1 2', '2:A,B ok']], 900);
    play(monitor, [[950, 'A/a1 2', '2:A,B ok']], 900);
  });

  it('its own start, with the state of a former run', () => {
    const before = newMonitor();
    play(before, A_AND_B);
    const state = structuredClone(before.state);
    expect(JSON.parse(JSON.stringify(state)), 'state is plain data').to.deep.equal(state);
    const after = newMonitor({ state });
    play(after, [
      [0, 'B/b1 2', '2:A,B ok'],
      ['100..400', 'B/b1 2', '2:A,B ok'],
      [500, 'A/a0 2', 'CONFLICTING_SERVER'],
      [500, 'B/b1 2', '3:B'],
    ]);
  });
});

describe('V11: the newest run of a server counts, and its newest ping', () => {
  table('an older or repeated ping of the same run changes nothing', {}, [
    [0, 'A/a1 0 seq=1', '1:A'],
    [100, 'A/a1 1 seq=3; B/b1 0 seq=1', '1:A ok; 1:A ok'],
    [200, 'A/a1 1 seq=2; A/a1 1 seq=3', '1:A ok; 1:A ok'],
    [300, 'A/a1 1 seq=4', '2:A,B*'],
  ]);

  table('a ping of a replaced run changes nothing, and is told so', {}, [
    ...A_AND_B,
    [300, 'A/a2 2', '3:A,B'],
    [400, 'A/a1 3; A/a1 0; A 3', 'CONFLICTING_SERVER; CONFLICTING_SERVER; CONFLICTING_SERVER'],
    [500, 'A/a2 3', '3:A,B ok'],
  ]);

  it('and is told which run is the newer one, to take a greater id than that', () => {
    const monitor = newMonitor();
    play(monitor, [[0, 'A/a2 0', '1:A']]);
    const { answer } = monitor.ping({ server: 'A', viewnum: 0, incarnation: 'a1' }, 100);
    expect(answer).to.have.nested.property('failure.data.incarnation', 'a2');
  });

  table('a member that restarted with its data gets its seat again, in a new view that is the same', TWO, [
    ...A_B_AND_C,
    [500, 'B/b2 3; A/a1 3', '4:A,B,C; 4:A,B,C'],
    [600, 'A/a2 4', '5:A,B,C'],
    [700, 'A/a2 5', '5:A,B,C ok'],
  ]);

  table('a primary that is back waits until its backup was heard once more, and then goes on: it holds as much', {}, [
    ...A_AND_B,
    [300, 'B/b1 2 at=2:9; A/a1 2 at=2:9', '2:A,B ok; 2:A,B ok'],
    [400, 'A/a2 2 at=2:9', '2:A,B ok'],
    [500, 'B/b1 2 at=2:9; A/a2 2 at=2:9', '2:A,B ok; 3:A,B'],
  ]);

  table('a primary that is back with less than its backup holds is followed by that: its disk came back older', {}, [
    ...A_AND_B,
    [300, 'B/b1 2 at=2:8; A/a1 2 at=2:8', '2:A,B ok; 2:A,B ok'],
    [400, 'A/a2 2 at=2:9', '2:A,B ok'],
    [500, 'B/b1 2 at=2:12', '3:B,A*'],
    [600, 'A/a2 2 at=2:9', '3:B,A*'],
  ]);

  table('with less than it reported itself it has lost its data (V2)', {}, [
    ...A_AND_B,
    [300, 'B/b1 2 at=2:8; A/a1 2 at=2:8', '2:A,B ok; 2:A,B ok'],
    [400, 'A/a2 2 at=2:7', '2:A,B ok'],
    [500, 'B/b1 2 at=2:8', '3:B,A*'],
  ]);

  table('a primary that is back goes on once its backup is silent, whatever that held', {}, [
    ...A_AND_B,
    [300, 'B/b1 2 at=2:8; A/a1 2 at=2:8', '2:A,B ok; 2:A,B ok'],
    ['400..700', 'A/a2 2 at=2:9', '2:A,B ok'],
    [800, 'A/a2 2 at=2:9', '3:A,B'],
  ]);

  table('with the same syncing set', TWO, [
    ...A_AND_B,
    [300, 'C/c1 1; A/a1 2', '2:A,B ok; 3:A,B,C*'],
    [400, 'C/c2 1', '4:A,B,C*'],
    [500, 'A/a2 3', '5:A,B,C*'],
  ]);

  table('and is promoted in the same change where it is to follow the primary', {}, [
    ...A_AND_B,
    [300, 'A/a2 0', '2:A,B ok'],
    [400, 'B/b2 2', '3:B,A*'],
  ]);

  table('but without its data it loses the seat', {}, [...A_AND_B, [300, 'B/b2 0; A/a1 2', '2:A,B ok; 3:A,B*']]);
});

describe('V13: a backup that the primary cannot reach', () => {
  const bothPing = 'A/a1 2; B/b1 2';

  table('leaves the view at once, and waits before it joins again', {}, [
    ...A_AND_B,
    ['300..600', bothPing, '2:A,B ok; 2:A,B ok'],
    [700, 'B/b1 2; A/a1 2 lost=B', '2:A,B ok; 3:A'],
    ['800..1600', 'A/a1 3; B/b1 2', '3:A ok; 3:A ok'],
    [1700, 'B/b1 2; A/a1 3', '3:A ok; 4:A,B*'],
  ]);

  table('longer each time', {}, [
    ...A_AND_B,
    [300, 'B/b1 2; A/a1 2 lost=B', '2:A,B ok; 3:A'],
    ['400..1200', 'A/a1 3; B/b1 2', '3:A ok; 3:A ok'],
    [1300, 'B/b1 2; A/a1 3', '3:A ok; 4:A,B*'],
    [1800, 'B/b1 2; A/a1 3 lost=B', '4:A,B*; 5:A'],
    ['1900..3700', 'A/a1 5; B/b1 2', '5:A ok; 5:A ok'],
    [3800, 'B/b1 2; A/a1 5', '5:A ok; 6:A,B*'],
  ]);

  table('makes room for another one', {}, [
    ...A_AND_B,
    [300, 'C/c1 0; B/b1 2; A/a1 2 lost=B', '2:A,B ok; 2:A,B ok; 3:A,C*'],
  ]);

  table('that is falling silent here too is away only for as long as it takes to see that', {}, [
    ...A_AND_B,
    ['300..500', 'A/a1 2', '2:A,B ok'],
    [600, 'A/a1 2 lost=B', '3:A'],
    [700, 'A/a1 3; B/b2 0', '3:A ok; 3:A ok'],
    ['800..1000', 'B/b2 0; A/a1 3', '3:A ok; 3:A ok'],
    [1100, 'B/b2 0; A/a1 3', '3:A ok; 4:A,B*'],
  ]);

  table('is not what a backup says, nor what the primary says of others', TWO, [
    ...A_B_AND_C,
    [500, 'B/b1 3 lost=C,A; A/a1 3 lost=D', '3:A,B,C ok; 3:A,B,C ok'],
  ]);
});

describe('V14: who leaves on purpose counts as dead', () => {
  table('a primary: its backup follows at its next ping', {}, [
    ...A_AND_B,
    [250, 'A/a1 2 leaving; B/b1 2', '2:A,B ok; 3:B'],
  ]);

  table('a backup: it is out at the next ping of the primary, and does not join again', {}, [
    ...A_AND_B,
    [250, 'B/b1 2 leaving; A/a1 2', '2:A,B ok; 3:A'],
    [300, 'B/b1 2 leaving; A/a1 3', '3:A; 3:A ok'],
  ]);

  table('a primary that nobody can follow yet still takes in who will, and acknowledges', {}, [
    [0, 'A/a1 0; A/a1 1; B/b1 0', '1:A; 1:A ok; 1:A ok'],
    [100, 'A/a1 1 leaving', '2:A,B*'],
    [200, 'B/b1 0; A/a1 2 leaving', '2:A,B*; 2:A,B ok'],
    [200, 'B/b1 2', '3:B'],
  ]);

  table('a primary whose successor lost its data takes that out, and stays for another', {}, [
    ...A_AND_B,
    [300, 'A/a1 2 leaving; B/b2 0; A/a1 2 leaving', '2:A,B ok; 2:A,B ok; 3:A,B*'],
    [400, 'B/b2 3; A/a1 3 leaving; B/b2 3', '3:A,B*; 3:A,B ok; 4:B'],
  ]);

  table('a primary whose successor fell silent takes that not out: it may hold what nobody else does', TWO, [
    ...A_AND_B,
    ['300..600', 'A/a1 2', '2:A,B ok'],
    [690, 'C/c1 0; A/a1 2', '2:A,B ok; 3:A,B,C*'],
    ['700..1500', 'A/a1 2 leaving', '3:A,B,C*'],
    [1600, 'B/b1 2', '4:B,C*'],
  ]);

  table('who was leaving is welcome as a new run', {}, [
    ...A_AND_B,
    [300, 'B/b1 2 leaving; A/a1 2; A/a1 3', '2:A,B ok; 3:A; 3:A ok'],
    [400, 'B/b2 0; A/a1 3', '3:A ok; 4:A,B*'],
  ]);
});

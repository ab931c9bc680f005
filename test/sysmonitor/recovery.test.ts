/** V12: a monitor that lost its state, or hears of a foreign cluster, never guesses. */
import { expect } from 'chai';
import { A_AND_B, newMonitor, play, table } from './support/table.ts';

/** Started without a state, not told that the cluster is new: it listens for 500 ms. */
const LOST = { newCluster: false };

describe('V12: a monitor that lost its state', () => {
  table('waits for all who may have been promoted, and goes on 1,000 higher with the primary alone', LOST, [
    [100, 'A/a1 7 knows=7:A,B', 'RECOVERING B'],
    [600, 'A/a1 7 knows=7:A,B', 'RECOVERING B'],
    [700, 'B/b1 7 knows=7:A,B', 'RECOVERING A'],
    [800, 'A/a1 7 knows=7:A,B', '1007:A'],
    [900, 'B/b1 7 knows=7:A,B; A/a1 1007 knows=1007:A', '1007:A; 1008:A,B*'],
  ]);

  it('listens from when its port is open, however long its start took', () => {
    const monitor = newMonitor(LOST);
    monitor.tick(900);
    monitor.opened(950);
    monitor.ping({ server: 'empty', incarnation: 'x', viewnum: 0 }, 960);
    for (let now = 1_000; now <= 1_400; now += 100) monitor.tick(now);
    monitor.ping({ server: 'empty', incarnation: 'x', viewnum: 0 }, 1_440);
    expect(monitor.view.viewnum).to.equal(0);
    monitor.ping({ server: 'empty', incarnation: 'x', viewnum: 0 }, 1_460);
    expect(monitor.view).to.include({ viewnum: 1, primary: 'empty' });
  });

  it('listens again when it did not run while it listened, and not when it did not run later, or is new', () => {
    const paused = newMonitor(LOST);
    paused.tick(100);
    paused.ping({ server: 'empty', incarnation: 'x', viewnum: 0 }, 2_000);
    expect(paused.view.viewnum, 'the first that it hears after the pause').to.equal(0);
    paused.ping({ server: 'empty', incarnation: 'x', viewnum: 0 }, 2_300);
    paused.ping({ server: 'empty', incarnation: 'x', viewnum: 0 }, 2_600);
    expect(paused.view.viewnum).to.equal(1);

    const later = newMonitor(LOST);
    for (let now = 0; now <= 600; now += 100) later.tick(now);
    later.ping({ server: 'empty', incarnation: 'x', viewnum: 0 }, 5_000);
    expect(later.view.viewnum).to.equal(1);

    const fresh = newMonitor();
    fresh.opened(900);
    fresh.ping({ server: 'empty', incarnation: 'x', viewnum: 0 }, 901);
    expect(fresh.view.viewnum).to.equal(1);
  });

  table('listens to the end, even when all have reported', LOST, [
    [100, 'B/b1 7 knows=7:A,B; A/a1 7 knows=7:A,B', 'RECOVERING A; RECOVERING A'],
    [400, 'A/a1 7 knows=7:A,B', 'RECOVERING A'],
    [500, 'A/a1 7 knows=7:A,B', '1007:A'],
  ]);

  table(
    'answers a ping 0 with view 0 while it listens, so that the loss is heard, and with RECOVERING afterwards',
    LOST,
    [
      [100, 'C/c1 0; A/a1 7 knows=7:A,B', '0:; RECOVERING B'],
      [400, 'C/c1 0', '0:'],
      [500, 'C/c1 0', 'RECOVERING B'],
    ],
  );

  table('does not wait for a backup that nobody can have promoted: it was syncing', LOST, [
    [100, 'B/b1 3 knows=7:A,B*', 'RECOVERING A'],
    [500, 'A/a1 7 knows=7:A,B*', '1007:A'],
  ]);

  table('waits for one that some report does not call syncing: the view may have been acknowledged', LOST, [
    [100, 'A/a1 7 knows=7:A,B*; C/c1 3 knows=7:A,B', 'RECOVERING A; RECOVERING B'],
    [600, 'A/a1 7 knows=7:A,B', 'RECOVERING B'],
    [700, 'B/b1 7 knows=7:A,B', 'RECOVERING A'],
    [700, 'A/a1 7 knows=7:A,B', '1007:A'],
  ]);

  table('does not take a ping 0 for a report: a member that lost its data is waited for', LOST, [
    [100, 'A/a1 7 knows=7:A,B; B/b2 0', 'RECOVERING B; 0:'],
    ['600..5000', 'B/b2 0; A/a1 7 knows=7:A,B', 'RECOVERING B; RECOVERING B'],
  ]);

  table('goes by the highest view that anybody knows, with or without data', LOST, [
    [100, 'A/a1 7 knows=7:A,B', 'RECOVERING B'],
    [200, 'C/c1 0 knows=9:B,C*', '0:'],
    [600, 'A/a1 7 knows=7:A,B', 'RECOVERING B'],
    [700, 'B/b1 8 knows=9:B,C*', '1009:B'],
  ]);

  table('goes on with a primary that never learned of the highest view: it did nothing in a later one', LOST, [
    [100, 'C/c1 4 knows=5:B,C', 'RECOVERING B'],
    [600, 'B/b1 4 knows=4:A,B,C', '1005:B'],
    [700, 'B/b1 1005 knows=1005:B; C/c1 4 knows=5:B,C', '1005:B ok; 1005:B ok'],
  ]);

  table('takes the report of a newer run, and gives that the seat', LOST, [
    [100, 'A/a1 7 knows=7:A', 'RECOVERING A'],
    [600, 'A/a2 7 knows=7:A', '1007:A'],
    [700, 'A/a1 7 knows=7:A; A/a2 1007 knows=1007:A', 'CONFLICTING_SERVER; 1007:A ok'],
  ]);

  table('does not go on with a primary that has lost its data since it reported', LOST, [
    [100, 'A/a1 7 knows=7:A', 'RECOVERING A'],
    ['600..1000', 'A/a2 0 knows=7:A', 'RECOVERING A'],
  ]);

  table('is not fooled by a number without a view', LOST, [
    [100, 'A 7', 'RECOVERING A'],
    ['600..5000', 'B 0; A 7', 'RECOVERING A; RECOVERING A'],
  ]);

  table('nor by an idle server that belongs to a cluster: there was one', LOST, [
    [100, 'C/c1 0 cluster=x', '0:'],
    [600, 'C/c1 0 cluster=x; B/b1 0', 'RECOVERING; RECOVERING'],
  ]);

  table('cannot know which of two clusters is its own', LOST, [
    [100, 'A/a1 7 knows=7:A; Q/q1 9 knows=9:Q cluster=other', 'RECOVERING A; RECOVERING Q'],
    ['600..5000', 'Q/q1 9 knows=9:Q cluster=other; A/a1 7 knows=7:A', 'RECOVERING Q; RECOVERING Q'],
  ]);

  table('keeps waiting for both when two views of one number are told', LOST, [
    [100, 'A/a1 7 knows=7:A', 'RECOVERING A'],
    ['600..1000', 'B/b1 0 knows=7:B; A/a1 7 knows=7:A', 'RECOVERING B; RECOVERING B'],
  ]);

  table('goes on with the backup that holds more than the primary: the disk of the primary came back older', LOST, [
    [100, 'A/a2 6 at=6:40 knows=6:A,B', 'RECOVERING B'],
    [200, 'B/b2 7 at=7:99 knows=7:A,B', 'RECOVERING A'],
    [600, 'A/a2 6 at=6:40 knows=6:A,B', 'RECOVERING B'],
    [700, 'B/b2 7 at=7:99 knows=7:A,B', '1007:B'],
    [800, 'A/a2 6 at=6:40 knows=6:A,B; B/b2 1007 at=1007:100 knows=1007:B', '1007:B; 1008:B,A*'],
  ]);

  table('goes on with the backup that holds more, in the same view too: the primary lost the end of its log', LOST, [
    [100, 'B/b2 7 at=7:99 knows=7:A,B; A/a2 7 at=7:98 knows=7:A,B', 'RECOVERING A; RECOVERING B'],
    [500, 'A/a2 7 at=7:98 knows=7:A,B', 'RECOVERING B'],
    [600, 'B/b2 7 at=7:99 knows=7:A,B', '1007:B'],
  ]);

  table('goes on with the greatest of three', LOST, [
    [100, 'A/a2 7 at=7:80 knows=7:A,B,C; B/b2 7 at=7:97 knows=7:A,B,C', 'RECOVERING B,C; RECOVERING C'],
    [200, 'C/c2 5 at=7:98 knows=5:A,B,C', 'RECOVERING A'],
    [300, 'A/a2 7 at=7:80 knows=7:A,B,C', 'RECOVERING C'],
    [600, 'B/b2 7 at=7:97 knows=7:A,B,C; A/a2 7 at=7:80 knows=7:A,B,C', 'RECOVERING C; RECOVERING C'],
    [700, 'C/c2 5 at=7:98 knows=5:A,B,C', '1007:C'],
  ]);

  table(
    'goes on with a backup that fulfilled the view, though all call it syncing: the primary came back older',
    LOST,
    [
      [100, 'B/b2 7 at=7:99 knows=7:A,B*', 'RECOVERING A'],
      [200, 'A/a2 5 at=5:40 knows=5:A', 'RECOVERING B'],
      [600, 'A/a2 5 at=5:40 knows=5:A; B/b2 7 at=7:99 knows=7:A,B*', 'RECOVERING B; 1007:B'],
    ],
  );

  table('keeps the primary where no other member is greater', LOST, [
    [100, 'B/b1 7 at=7:99 knows=7:A,B; A/a1 7 at=7:99 knows=7:A,B', 'RECOVERING A; RECOVERING A'],
    [500, 'B/b1 7 at=7:99 knows=7:A,B; A/a1 7 at=7:99 knows=7:A,B', 'RECOVERING A; 1007:A'],
  ]);

  table('keeps the primary of a busy cluster: a later report tells more, and says nothing about a loss', LOST, [
    [100, 'A/a1 7 at=7:10 knows=7:A,B; B/b1 7 at=7:20 knows=7:A,B', 'RECOVERING B; RECOVERING A'],
    [500, 'A/a1 7 at=7:50 knows=7:A,B; B/b1 7 at=7:60 knows=7:A,B', '1007:A; 1007:A'],
  ]);

  table('goes on without a primary that reported and then fell silent: the others hold all that was committed', LOST, [
    [100, 'A/a1 7 at=7:99 knows=7:A,B; B/b1 7 at=7:99 knows=7:A,B', 'RECOVERING B; RECOVERING A'],
    ['200..500', 'B/b1 7 at=7:99 knows=7:A,B', 'RECOVERING A'],
    [600, 'B/b1 7 at=7:99 knows=7:A,B', '1007:B'],
  ]);

  table('but waits for a silent primary that holds more than anybody else', LOST, [
    [100, 'A/a1 7 at=7:99 knows=7:A,B; B/b1 7 at=7:90 knows=7:A,B', 'RECOVERING B; RECOVERING A'],
    ['200..2000', 'B/b1 7 at=7:90 knows=7:A,B', 'RECOVERING A'],
  ]);

  it('tells a client view 0 while it has heard of nothing, and RECOVERING once it has', () => {
    const monitor = newMonitor(LOST);
    expect(monitor.answerView(0)).to.have.nested.property('view.viewnum', 0);
    expect(monitor.status(0)).to.deep.include({ phase: 'listening' });
    play(monitor, [[100, 'A/a1 7 knows=7:A,B', 'RECOVERING B']]);
    expect(monitor.answerView(100)).to.have.nested.property('failure.name', 'RECOVERING');
    expect(monitor.status(100)).to.deep.include({
      phase: 'recovering',
      waiting: { kind: 'reports', servers: ['B'], viewnum: 7, holders: ['A'] },
    });
    expect(monitor.view.viewnum).to.equal(0);
  });

  it('says that a view was rebuilt, and from which', () => {
    const monitor = newMonitor({});
    const view = { viewnum: 7, primary: 'A', backups: [], syncing: [], cluster: 'x' };
    const { notices } = monitor.ping({ server: 'A', viewnum: 7, incarnation: 'a1', cluster: 'x', view }, 0);
    const change = notices.find((notice) => notice.kind === 'view');
    expect(change?.causes).to.deep.equal([{ kind: 'rebuilt', server: 'A', viewnum: 7 }]);
    expect(change?.view).to.deep.include({ viewnum: 1007, cluster: 'x', incarnations: { A: 'a1' } });
  });
});

describe('V12: an operator who does not want to wait', () => {
  const overruled = (server: string) => {
    const monitor = newMonitor(LOST);
    play(monitor, [
      [100, 'A/a1 7 at=7:80 knows=7:A,B,C', 'RECOVERING B,C'],
      [200, 'C/c1 7 at=7:90 knows=7:A,B,C; D/d1 5 at=5:99 knows=8:A,B; E/e1 0', 'RECOVERING B; RECOVERING B; 0:'],
    ]);
    expect(monitor.overrule(server)).to.equal(true);
    return monitor;
  };

  it('is told who holds how much, the most first, and never who holds nothing', () => {
    const { waiting } = overruled('C').status(200);
    expect(waiting).to.deep.include({ kind: 'reports', holders: ['C', 'A', 'D'], viewnum: 8 });
  });

  it('makes that server primary at its next ping, above every number that was heard; who was left out stands with the view', () => {
    const monitor = overruled('C');
    play(monitor, [
      [300, 'C/c1 7 at=7:90 knows=7:A,B,C', 'RECOVERING B'],
      [600, 'A/a1 7 at=7:80 knows=7:A,B,C', 'RECOVERING B'],
      [700, 'C/c1 7 at=7:90 knows=7:A,B,C', '1008:C'],
      [800, 'A/a1 7 at=7:80 knows=7:A,B,C; C/c1 1008 knows=1008:C', '1008:C; 1009:C,A*'],
    ]);
    const [first] = monitor.status(800).history;
    expect(first?.causes).to.deep.equal([{ kind: 'rebuilt', server: 'C', viewnum: 8, without: ['B'] }]);
  });

  it('waits for the data of the server that was chosen: it may have lost them since', () => {
    const monitor = overruled('C');
    play(monitor, [['600..2000', 'C/c2 0; A/a1 7 knows=7:A,B,C', 'RECOVERING B; RECOVERING B']]);
  });

  it('may choose between two clusters', () => {
    const monitor = newMonitor(LOST);
    play(monitor, [[100, 'A/a1 7 knows=7:A; Q/q1 9 knows=9:Q cluster=other', 'RECOVERING A; RECOVERING Q']]);
    monitor.overrule('A');
    play(monitor, [[700, 'A/a1 7 knows=7:A; Q/q1 9 knows=9:Q cluster=other', '1009:A; RECOVERING']], 200);
  });

  it('cannot choose who reported nothing, nor where there is nothing to overrule', () => {
    const monitor = newMonitor(LOST);
    play(monitor, [[100, 'A/a1 7 knows=7:A,B; E/e1 0', 'RECOVERING B; 0:']]);
    expect([monitor.overrule('E'), monitor.overrule('B')]).to.deep.equal([false, false]);
    const serving = newMonitor();
    play(serving, A_AND_B);
    expect(serving.overrule('A')).to.equal(false);
  });

  describe('told to recover', () => {
    const state = () => {
      const monitor = newMonitor();
      play(monitor, A_AND_B);
      return monitor.state;
    };

    it('does not trust what it had kept, and goes by the reports', () => {
      play(newMonitor({ state: state(), newCluster: false, recover: true }), [
        [100, 'B/b1 2 knows=2:A,B', 'RECOVERING A'],
        [600, 'A/a1 2 knows=2:A,B', '1002:A'],
      ]);
    });

    it('knows of the view that it had kept', () => {
      const monitor = newMonitor({ state: state(), newCluster: false, recover: true });
      play(monitor, [[600, 'B/b1 1 knows=1:A', 'RECOVERING A']]);
      expect(monitor.overrule('B')).to.equal(true);
      play(monitor, [[700, 'B/b1 1 knows=1:A', '1002:B']], 600);
    });

    it('begins no new cluster, even when nothing is heard of an old one', () => {
      play(newMonitor({ newCluster: false, recover: true }), [
        ['600..2000', 'A/a1 0; B/b1 0', 'RECOVERING; RECOVERING'],
      ]);
    });
  });
});

describe('V12: a ping that this monitor cannot have caused', () => {
  table('of another cluster is refused, and the view goes on', {}, [
    ...A_AND_B,
    [300, 'Q/q1 2 knows=2:Q cluster=other; Q/q1 0 cluster=other', 'RECOVERING; RECOVERING'],
    [300, 'A/a1 2', '2:A,B ok'],
  ]);

  table('of a member too: nothing of it is taken', {}, [
    ...A_AND_B,
    [300, 'B/b9 0 cluster=other', 'RECOVERING'],
    [400, 'A/a1 2; B/b1 2', '2:A,B ok; 2:A,B ok'],
  ]);

  table('bare, with a number above the own, is refused, and the view goes on', {}, [
    ...A_AND_B,
    [300, 'Q 3', 'RECOVERING'],
    [300, 'A/a1 2', '2:A,B ok'],
  ]);

  table('of the own cluster, with a number above the own, shows that the own state is old', {}, [
    ...A_AND_B,
    [300, 'B/b1 4 knows=5:B', 'RECOVERING B'],
    [400, 'A/a1 2 cluster=c', 'RECOVERING B'],
    [700, 'B/b1 4 knows=5:B', 'RECOVERING B'],
    [800, 'B/b1 4 knows=5:B', '1005:B'],
  ]);
});

import type { View } from '@understudy/sysmonitor';
import { expect } from 'chai';
import { Stage, viewOf } from './stage.ts';

const put = (requester: string) =>
  ({ kind: 'write', requester, operation: { kind: 'put', key: 'k', value: 'v' } }) as const;

/** A primary A that leaves. Its backup B holds everything, and no monitor has answered since. */
function leaving(): Stage {
  const stage = new Stage();
  for (const server of ['A', 'B']) {
    stage.start(server);
    stage.pinged(server, viewOf(1, 'A'));
  }
  stage.settle();
  for (const server of ['A', 'B']) stage.pinged(server, viewOf(2, 'A', ['B'], ['B']));
  stage.settle();
  stage.step('A', put('before'));
  stage.settle();
  stage.step('A', { kind: 'leave' });
  stage.settle();
  return stage;
}

/** The same, after the monitor has answered: A has released its backup. */
function released(): Stage {
  const stage = leaving();
  stage.pinged('A', viewOf(2, 'A', ['B']));
  stage.settle();
  return stage;
}

describe('a primary that leaves', () => {
  it('serves again when its heir is lost on the way, and goes when there is another (V14)', () => {
    const stage = released();
    stage.step('A', put('held'));
    const back = stage.pinged('A', viewOf(3, 'A'));
    expect(back.some((effect) => effect.kind === 'failure' && effect.requester === 'held')).to.equal(true);
    expect(stage.report('A')).not.to.have.property('leaving');
    stage.step('A', put('again'));
    const effects = stage.settle(['A']);
    expect(effects.some((effect) => effect.kind === 'result' && effect.requester === 'again')).to.equal(true);
    stage.start('C');
    for (const server of ['A', 'C']) stage.pinged(server, viewOf(4, 'A', ['C'], ['C']));
    stage.settle(['A', 'C']);
    expect(stage.report('A').leaving).to.equal(true);
  });

  it('serves again when a monitor that had lost its state makes it primary of a rebuilt view (V12, V14)', () => {
    const stage = released();
    stage.pinged('A', viewOf(1003, 'A'));
    expect(stage.report('A')).not.to.have.property('leaving');
    stage.step('A', put('again'));
    const effects = stage.settle(['A']);
    expect(effects.some((effect) => effect.kind === 'result' && effect.requester === 'again')).to.equal(true);
  });

  /**
   * Ticks until A has left, or for so long. Gives how that ended, and after how many milliseconds. `view`: what the
   * monitor answers meanwhile; without it, no monitor answers.
   */
  function untilLeft(stage: Stage, limitMs: number, view?: View) {
    for (let waited = 0; waited < limitMs; waited += 25) {
      stage.now += 25;
      if (view !== undefined && waited % 100 === 0) stage.pinged('A', view);
      for (const effect of stage.step('A', { kind: 'tick' }))
        if (effect.kind === 'left') {
          const { held, lost, holder } = effect;
          return { held, lost, holder, afterMs: waited + 25 };
        }
    }
    return undefined;
  }

  const ONE_KEY = 'no server that stays holds the data: 1 key is lost with this one';

  it('where the monitor knows of nobody who stays, it waits a little, and then says plainly what is lost (V14)', () => {
    const stage = released();
    stage.pinged('A', viewOf(3, 'A'), true);
    stage.settle(['A']);
    const left = untilLeft(stage, 1_000);
    expect(left).to.deep.include({ held: false, lost: ONE_KEY });
    expect(left?.afterMs).to.be.within(450, 550);
  });

  it('where somebody stays, it waits as long as it may for that one to hold the data (V14)', () => {
    const stage = released();
    stage.pinged('A', viewOf(3, 'A'));
    stage.settle(['A']);
    expect(untilLeft(stage, 9_000, viewOf(3, 'A'))).to.equal(undefined);
    expect(untilLeft(stage, 2_000, viewOf(3, 'A'))).to.deep.include({ held: false, lost: ONE_KEY });
  });

  it('where no monitor answers, it waits a short time, and names the backup that holds the data (V14)', () => {
    const left = untilLeft(leaving(), 20_000);
    expect(left).to.deep.include({ held: false, lost: '', holder: 'B' });
    expect(left?.afterMs).to.be.within(1_000, 2_000);
  });

  it('where no monitor answers and nobody else holds the data, it says what is lost, after a short time (V14)', () => {
    const stage = new Stage();
    stage.start('A');
    stage.pinged('A', viewOf(1, 'A'));
    stage.settle(['A']);
    stage.step('A', put('lost'));
    stage.settle(['A']);
    stage.step('A', { kind: 'leave' });
    const left = untilLeft(stage, 20_000);
    expect(left?.lost).to.equal('no server that stays holds the data: 1 key is lost with this one');
    expect(left?.afterMs).to.be.within(1_000, 2_000);
  });

  it('being told twice to leave is being told once: the wait does not begin again (V14)', () => {
    const alone = () => {
      const stage = released();
      stage.pinged('A', viewOf(3, 'A'));
      stage.settle(['A']);
      return stage;
    };
    const afterMs = untilLeft(alone(), 20_000)?.afterMs ?? 0;
    const stage = alone();
    expect(untilLeft(stage, afterMs - 100)).to.equal(undefined);
    stage.step('A', { kind: 'leave' });
    expect(untilLeft(stage, 5_000)?.afterMs).to.equal(100);
  });

  it('a backup that leaves too does not go before its primary that is dead has a successor (V14)', () => {
    const stage = released();
    stage.now += 300;
    stage.step('B', { kind: 'leave' });
    const effects = Array.from({ length: 100 }, () => {
      stage.now += 25;
      return [...stage.pinged('B', viewOf(2, 'A', ['B'])), ...stage.step('B', { kind: 'tick' })];
    }).flat();
    expect(effects.some(({ kind }) => kind === 'left')).to.equal(false);
    expect(stage.report('B').leaving).to.equal(true);
    stage.pinged('B', viewOf(3, 'B'));
    expect(stage.report('B'), 'as primary it serves until another server holds the data').not.to.have.property(
      'leaving',
    );
  });

  it('with nothing to lose goes at once', () => {
    const stage = new Stage();
    stage.start('A');
    stage.pinged('A', viewOf(1, 'A'));
    stage.settle();
    const effects = [...stage.step('A', { kind: 'leave' }), ...stage.settle()];
    expect(effects.some((effect) => effect.kind === 'left' && effect.held)).to.equal(true);
  });
});

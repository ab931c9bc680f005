import { expect } from 'chai';
import { Stage, viewOf } from './stage.ts';

const put = (requester: string) =>
  ({ kind: 'write', requester, operation: { kind: 'put', key: 'k', value: 'v' } }) as const;

/** A primary A that leaves, and has released its backup B already. */
function released(): Stage {
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

  it('with nobody to take over waits a little, and then says plainly what is lost', () => {
    const stage = released();
    stage.pinged('A', viewOf(3, 'A'));
    stage.settle(['A']);
    const lost: string[] = [];
    for (let waited = 0; waited < 1000 && lost.length === 0; waited += 25) {
      stage.now += 25;
      for (const effect of stage.step('A', { kind: 'tick' })) if (effect.kind === 'left') lost.push(effect.lost);
    }
    expect(lost).to.deep.equal(['no other server holds the data: 1 key is lost with this one']);
  });

  it('with nothing to lose goes at once', () => {
    const stage = new Stage();
    stage.start('A');
    stage.pinged('A', viewOf(1, 'A'));
    stage.settle();
    const effects = [...stage.step('A', { kind: 'leave' }), ...stage.settle()];
    expect(effects.some((effect) => effect.kind === 'left' && effect.lost === '')).to.equal(true);
  });
});

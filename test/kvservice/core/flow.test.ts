/** How much a primary has on its way to a backup, as the backup's answers come in time or late (R2, V13). */
import { expect } from 'chai';
import { pair, type Stage } from './stage.ts';

const VALUE = 'v'.repeat(4_000);

/** Writes so many values in one turn, and gives how many UTF-16 units of them are on the way to B then. */
function burst(stage: Stage, count: number): number {
  for (let at = 0; at < count; at++) {
    stage.step('A', { kind: 'write', requester: 'r', operation: { kind: 'put', key: `k${at}`, value: VALUE } });
  }
  stage.step('A', { kind: 'turn-end' });
  const sent = stage.mail.filter(({ from, to, content }) => from === 'A' && to === 'B' && 'message' in content);
  return sent.reduce((units, { content }) => units + JSON.stringify(content).length, 0);
}

describe('the flow to a backup', () => {
  it('begins small, and grows while answers come in time', () => {
    const stage = pair();
    expect(burst(stage, 100)).to.be.within(30_000, 60_000);
    stage.settle(['A', 'B']);
    for (let round = 0; round < 10; round++) {
      burst(stage, 100);
      stage.settle(['A', 'B']);
    }
    expect(burst(stage, 100), 'all of it, in more than one message').to.be.above(350_000);
  });

  it('is halved when answers come late, once for all that were under way together', () => {
    const [prompt, late] = [0, 450].map((lateMs) => {
      const stage = pair();
      burst(stage, 100);
      stage.settle(['A', 'B']);
      burst(stage, 50);
      stage.now += lateMs;
      stage.settle(['A', 'B']);
      return burst(stage, 300);
    });
    expect(late).to.be.below(0.75 * (prompt ?? 0));
    expect(late).to.be.above(0.25 * (prompt ?? 0));
  });
});

describe('a piece of a large entry', () => {
  it('that comes again behind its entry is taken for known, and not kept (R2, M1)', () => {
    const stage = pair();
    const operation = { kind: 'put', key: 'k', value: 'v'.repeat(100_000) } as const;
    stage.step('A', { kind: 'write', requester: 'r', operation });
    stage.step('A', { kind: 'turn-end' });
    const piece = stage.mail.find(({ content }) => 'message' in content && content.message.kind === 'piece');
    if (piece === undefined) throw new Error('nothing travels in pieces');
    const copy = { ...piece };
    stage.settle(['A', 'B']);
    const held = () => stage.replica('B').status().memory.heldBytes;
    const before = held();
    expect(before, 'the entry is there').to.be.above(100_000);
    const answers = stage.deliver(copy).flatMap((effect) => (effect.kind === 'answer' ? [effect.answer] : []));
    expect(answers.map(({ kind }) => kind)).to.deep.equal(['pieces']);
    const message = 'message' in copy.content ? copy.content.message : undefined;
    const end = message?.kind === 'piece' ? message.from + message.text.length : undefined;
    expect(answers[0]).to.have.property('units', end);
    expect(held()).to.equal(before);
  });
});

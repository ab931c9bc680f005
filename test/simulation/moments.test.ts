/** Which moments of a server's work its steps show, so that faults can strike right then. */
import { expect } from 'chai';
import { MOMENTS, momentsOf } from '../../packages/testkit/src/faults/moments.ts';
import { pair, viewOf } from '../kvservice/core/stage.ts';

type Step = Parameters<typeof momentsOf>[0];

describe('the moments of a step', () => {
  const seen = (event: Partial<Step['event']>, ...effects: object[]) => [
    ...momentsOf({
      event: event as Step['event'],
      effects: effects as unknown as Step['effects'],
      replica: {} as never,
    }),
  ];
  const tick = { kind: 'tick' } as const;

  it('are named by its effects, each once', () => {
    const send = (kind: string) => ({ kind: 'send', to: 'B', message: { kind } });
    const answer = (kind: string) => ({ kind: 'answer', requester: {}, answer: { kind } });
    const notice = (kind: string) => ({ kind: 'notice', notice: { kind } });
    const table: readonly (readonly [object, string])[] = [
      [{ kind: 'persist', number: 1, log: {} }, 'entries are given to the disk'],
      [{ kind: 'persist', number: 1, log: {}, data: {} }, 'a checkpoint is under way'],
      [answer('accepted'), 'entries are accepted'],
      [answer('taken'), 'a chunk is taken'],
      [answer('released'), 'a release is taken'],
      [send('prepare'), 'entries are sent'],
      [send('chunk'), 'a chunk is sent'],
      [send('release'), 'a release is sent'],
      [notice('suffix-cut'), 'a conflicting suffix is cut'],
      [notice('view'), 'a view is entered'],
      [notice('serving'), 'a primary begins to serve'],
      [notice('acknowledged'), 'a view is acknowledged'],
      [{ kind: 'result', requester: 'r', result: {} }, 'a client is answered'],
    ];
    for (const [effect, moment] of table) expect(seen(tick, effect, effect), moment).to.deep.equal([moment]);
    const opened = { kind: 'write', operation: { kind: 'openSession', client: 'c' } } as const;
    expect(seen(opened as never)).to.deep.equal(['a session is opened']);
    expect([...table.map(([, moment]) => moment), 'a session is opened']).to.have.members(MOMENTS);
  });

  it('are none where a step does nothing of the kind', () => {
    expect(seen(tick, { kind: 'ping' }, { kind: 'persist', number: 1, meta: {} })).to.deep.equal([]);
  });

  it('come from the real core: a write, and a failover', () => {
    const stage = pair();
    const operation = { kind: 'put', key: 'k', value: 'v' } as const;
    stage.step('A', { kind: 'write', requester: 'p', operation });
    const turnEnd = { kind: 'turn-end' } as const;
    const momentsAt = (effects: Step['effects']) => [...momentsOf({ event: turnEnd, effects, replica: {} as never })];
    expect(momentsAt(stage.step('A', turnEnd))).to.deep.equal(['entries are sent']);
    expect(momentsAt(stage.deliver(stage.take('A', 'B')))).to.deep.equal(['entries are accepted']);
    stage.now += 600;
    expect(momentsAt(stage.pinged('B', viewOf(3, 'B')))).to.deep.equal(['a view is entered']);
    expect(momentsAt(stage.settle(['B']))).to.include.members(['a primary begins to serve', 'a view is acknowledged']);
  });
});

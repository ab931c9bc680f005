/** The table of sessions when it is full: sessions that were never used make room, and no others (S5). */
import { expect } from 'chai';
import type { Effect } from '../../../packages/kvservice/src/core/effect.ts';
import { Stage } from './stage.ts';

function lonePrimary(limits: { readonly sessions?: number } = {}): Stage {
  const stage = new Stage({ limits });
  stage.start('A');
  const view = { viewnum: 1, primary: 'A', backups: [], syncing: [], cluster: 'x', incarnations: { A: 'A#1' } };
  stage.pinged('A', view);
  stage.settle();
  stage.step('A', { kind: 'turn-end' });
  return stage;
}

function answersOf(effects: readonly Effect[]): readonly unknown[] {
  return effects.flatMap((effect) => {
    if (effect.kind === 'result') return [effect.result];
    return effect.kind === 'failure' ? [effect.failure.name] : [];
  });
}

function open(stage: Stage): string {
  const effects = [
    ...stage.step('A', { kind: 'write', requester: 'open', operation: { kind: 'openSession', client: 'c' } }),
    ...stage.step('A', { kind: 'turn-end' }),
  ];
  // The answers to what was under way come in the same turn.
  const answer = answersOf(effects).find((each) => typeof each === 'string' || 'session' in (each as object));
  return typeof answer === 'string' ? answer : (answer as { readonly session: string }).session;
}

function put(stage: Stage, session: string, seq = 1): readonly Effect[] {
  const origin = { session, seq, acked: seq - 1 };
  return stage.step('A', { kind: 'write', requester: 'put', operation: { kind: 'put', key: 'k', value: 'v' }, origin });
}

function write(stage: Stage, session: string, seq = 1): readonly unknown[] {
  return answersOf([...put(stage, session, seq), ...stage.step('A', { kind: 'turn-end' })]);
}

function close(stage: Stage, session: string): unknown {
  const event = { kind: 'write', requester: 'close', operation: { kind: 'expireSession', session } } as const;
  return answersOf([...stage.step('A', event), ...stage.step('A', { kind: 'turn-end' })])[0];
}

describe('a session that its client closes', () => {
  it('is gone, with all that was remembered of it; what comes later is refused, never executed (S5)', () => {
    const stage = lonePrimary();
    const session = open(stage);
    write(stage, session);
    expect(close(stage, session)).to.deep.equal({ closed: true });
    const { sessions, rememberedResults, counters } = stage.replica('A').status();
    expect({ sessions, rememberedResults }).to.deep.equal({ sessions: 0, rememberedResults: 0 });
    expect(counters.sessionsExpired, 'it is no sign of trouble').to.equal(0);
    expect(write(stage, session, 2)).to.deep.equal(['SESSION_UNKNOWN']);
  });

  it('is not closed a second time, and the log does not grow', () => {
    const stage = lonePrimary();
    const session = open(stage);
    close(stage, session);
    const { position } = stage.replica('A').status();
    expect(close(stage, session)).to.deep.equal({ closed: false });
    expect(stage.replica('A').status().position).to.deep.equal(position);
  });

  it('ends after what was under way in it', () => {
    const stage = lonePrimary();
    const session = open(stage);
    put(stage, session);
    expect(close(stage, session), 'the answer to the put').to.have.property('revision');
    expect(stage.replica('A').status().sessions).to.equal(0);
  });
});

describe('a full table of sessions', () => {
  it('gives a new session the place of the oldest one that was never used', () => {
    const stage = lonePrimary({ sessions: 3 });
    const [used, unused, younger] = [open(stage), open(stage), open(stage)];
    write(stage, used);
    const fresh = open(stage);
    expect(stage.replica('A').status().sessions).to.equal(3);
    expect(write(stage, unused)).to.deep.equal(['SESSION_UNKNOWN']);
    for (const session of [used, younger, fresh]) expect(write(stage, session, 2)[0]).to.have.property('revision');
  });

  it('keeps a session whose first operation is under way, and refuses a new one where all are used', () => {
    const stage = lonePrimary({ sessions: 2 });
    const [busy, idle] = [open(stage), open(stage)];
    put(stage, busy);
    const fresh = open(stage);
    expect(write(stage, idle)).to.deep.equal(['SESSION_UNKNOWN']);
    expect(write(stage, busy, 2)[0]).to.have.property('revision');
    write(stage, fresh);
    expect(open(stage)).to.equal('OVERLOADED');
    expect(write(stage, fresh, 2)[0]).to.have.property('revision');
  });

  it('lets new clients in behind 100,000 sessions that are never used, and keeps what they remember', () => {
    const stage = lonePrimary();
    const live = open(stage);
    write(stage, live);
    for (let count = 0; count < 105_000; count++) {
      expect(open(stage)).to.match(/^x:1:/);
      if (count % 1_000 === 0) stage.now += 1;
    }
    const fresh = open(stage);
    expect(write(stage, fresh)[0]).to.have.property('revision');
    expect(write(stage, live, 2)[0]).to.have.property('revision');
    expect(stage.replica('A').status().sessions).to.equal(100_000);
  }).timeout(60_000);
});

/** The table of sessions when it is full: sessions that were never used make room, and no others (S5). */
import { expect } from 'chai';
import type { Effect } from '../../../packages/kvservice/src/core/effect.ts';
import { Stage } from './stage.ts';

/** Of the stage. */
const SESSION_TTL_MS = 60_000;

function lonePrimary(limits: { readonly sessions?: number; readonly prepareWeight?: number } = {}): Stage {
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

function open(stage: Stage, from = ''): string {
  const effects = [
    ...stage.step('A', { kind: 'write', requester: 'open', operation: { kind: 'openSession', client: 'c' }, from }),
    ...stage.step('A', { kind: 'turn-end' }),
  ];
  // The answers to what was under way come in the same turn.
  const answer = answersOf(effects).find((each) => typeof each === 'string' || 'session' in (each as object));
  return typeof answer === 'string' ? answer : (answer as { readonly session: string }).session;
}

function put(stage: Stage, session: string, seq = 1, from = ''): readonly Effect[] {
  const origin = { session, seq, acked: seq - 1 };
  const operation = { kind: 'put', key: 'k', value: 'v' } as const;
  return stage.step('A', { kind: 'write', requester: 'put', operation, origin, from });
}

function write(stage: Stage, session: string, seq = 1, from = ''): readonly unknown[] {
  return answersOf([...put(stage, session, seq, from), ...stage.step('A', { kind: 'turn-end' })]);
}

function close(stage: Stage, session: string): unknown {
  const event = { kind: 'write', requester: 'close', operation: { kind: 'expireSession', session } } as const;
  return answersOf([...stage.step('A', event), ...stage.step('A', { kind: 'turn-end' })])[0];
}

describe('sessions that were abandoned together', () => {
  it('end part by part: no turn ends more than one message to a backup may hold, and soon all are gone (S5)', () => {
    const stage = lonePrimary({ prepareWeight: 2_000 });
    for (let count = 0; count < 100; count += 1) open(stage);
    const left = (): number => stage.replica('A').status().sessions;
    expect(left()).to.equal(100);
    stage.now += SESSION_TTL_MS + 1;
    const ended: number[] = [];
    for (let tick = 0; tick < 100 && left() > 0; tick += 1) {
      const before = left();
      stage.now += 25;
      stage.step('A', { kind: 'tick' });
      stage.step('A', { kind: 'turn-end' });
      ended.push(before - left());
    }
    expect(left()).to.equal(0);
    expect(Math.max(...ended)).to.be.below(20);
    expect(ended.length).to.be.below(40);
  });
});

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

  it('is not ended again as an idle one while its end is in the log', () => {
    const stage = lonePrimary();
    const session = open(stage);
    const { index } = stage.replica('A').status().position;
    const event = { kind: 'write', requester: 'close', operation: { kind: 'expireSession', session } } as const;
    stage.step('A', event);
    stage.now += 10 * TTL_MS;
    stage.step('A', { kind: 'tick' });
    stage.step('A', { kind: 'turn-end' });
    expect(stage.replica('A').status().position.index).to.equal(index + 1);
    expect(stage.replica('A').status().sessions).to.equal(0);
  });

  it('ends after what was under way in it', () => {
    const stage = lonePrimary();
    const session = open(stage);
    put(stage, session);
    expect(close(stage, session), 'the answer to the put').to.have.property('revision');
    expect(stage.replica('A').status().sessions).to.equal(0);
  });
});

/** The default of the stage. */
const TTL_MS = 60_000;

describe('the time to live of a session', () => {
  function tick(stage: Stage): void {
    stage.step('A', { kind: 'tick' });
    stage.step('A', { kind: 'turn-end' });
  }

  it('begins when it is opened, however long its primary has been primary', () => {
    const stage = lonePrimary();
    stage.now += 10 * TTL_MS;
    const [used, unused] = [open(stage), open(stage)];
    tick(stage);
    expect(stage.replica('A').status().sessions).to.equal(2);
    stage.now += TTL_MS - 1;
    write(stage, used);
    tick(stage);
    expect(stage.replica('A').status().sessions, 'neither was idle for so long').to.equal(2);
    stage.now += TTL_MS / 10;
    tick(stage);
    expect(write(stage, unused)).to.deep.equal(['SESSION_UNKNOWN']);
    expect(write(stage, used, 2)[0]).to.have.property('revision');
  });

  it('begins anew with a new use', () => {
    const stage = lonePrimary();
    const session = open(stage);
    for (let seq = 1; seq <= 5; seq++) {
      stage.now += TTL_MS / 2;
      expect(write(stage, session, seq)[0]).to.have.property('revision');
      tick(stage);
    }
    expect(stage.replica('A').status().counters.sessionsExpired).to.equal(0);
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

/** A session with one operation, whose result its client has not confirmed. */
function use(stage: Stage, from: string): string {
  const session = open(stage, from);
  if (session !== 'OVERLOADED') expect(write(stage, session, 1, from)[0]).to.have.property('revision');
  return session;
}

/** With the default time to live, a session that was heard of more recently is not ended for another one. */
const RECENT_MS = 10_000;

describe('sessions of one address', () => {
  it('make room for those of others, the one that was idle for longest first', () => {
    const stage = lonePrimary({ sessions: 6 });
    const other = use(stage, 'other');
    const many = Array.from({ length: 5 }, () => use(stage, 'greedy'));
    const [first = '', second = '', third = ''] = many;
    stage.now += RECENT_MS;
    write(stage, first, 2, 'greedy');
    stage.now += RECENT_MS + 1;
    expect(use(stage, 'third')).to.match(/^x:1:/);
    expect(write(stage, second, 2, 'greedy'), 'idle for longest').to.deep.equal(['SESSION_UNKNOWN']);
    for (const session of [other, first, third]) expect(write(stage, session, 3)[0]).to.have.property('revision');
  });

  it('do not make room while they were heard of recently, or have an operation under way', () => {
    const stage = lonePrimary({ sessions: 4 });
    const many = Array.from({ length: 4 }, () => use(stage, 'greedy'));
    expect(open(stage, 'other')).to.equal('OVERLOADED');
    stage.now += RECENT_MS + 1;
    for (const session of many.slice(1)) write(stage, session, 2, 'greedy');
    put(stage, many[0] ?? '', 2, 'greedy');
    expect(open(stage, 'other')).to.equal('OVERLOADED');
    for (const session of many) expect(write(stage, session, 3)[0]).to.have.property('revision');
  });

  it('get no more of the last places beyond their share: an address that has less always finds one', () => {
    const stage = lonePrimary({ sessions: 80 });
    let refused = 0;
    for (let count = 0; count < 100; count++) refused += Number(use(stage, 'greedy') === 'OVERLOADED');
    expect([stage.replica('A').status().sessions, refused]).to.deep.equal([70, 30]);
    for (let count = 0; count < 10; count++) expect(use(stage, `other ${count}`)).to.match(/^x:1:/);
    stage.now += RECENT_MS + 1;
    expect(use(stage, 'greedy'), 'for one of its own').to.match(/^x:1:/);
    expect(stage.replica('A').status().sessions).to.equal(80);
  });

  it('that a primary has never heard of make room too, after the same time', () => {
    const stage = new Stage({ limits: { sessions: 4 } });
    for (const server of ['A', 'B']) stage.start(server);
    const incarnations = { A: 'A#1', B: 'B#1' };
    const view = { viewnum: 1, primary: 'A', backups: ['B'], syncing: [], cluster: 'x', incarnations };
    for (const server of ['A', 'B']) stage.pinged(server, view);
    stage.settle();
    const origin = (session: number) => ({ session: `x:1:${session}`, seq: 1, acked: 0 });
    for (let count = 0; count < 4; count++) {
      stage.step('A', { kind: 'write', requester: 'open', operation: { kind: 'openSession', client: 'c' } });
      stage.settle();
      const operation = { kind: 'put', key: 'k', value: 'v' } as const;
      stage.step('A', { kind: 'write', requester: 'put', operation, origin: origin(2 + 2 * count) });
      stage.settle();
    }
    stage.now += 60_000;
    stage.pinged('B', { ...view, viewnum: 2, primary: 'B', backups: [] });
    stage.settle();
    const openAtB = () => {
      const event = { kind: 'write', requester: 'open', operation: { kind: 'openSession', client: 'c' } } as const;
      return answersOf([...stage.step('B', event), ...stage.step('B', { kind: 'turn-end' })])[0];
    };
    expect(stage.replica('B').status().sessions).to.equal(4);
    expect(openAtB(), 'counted from when it became primary').to.equal('OVERLOADED');
    stage.now += RECENT_MS + 1;
    expect(openAtB()).to.have.property('session');
    expect(stage.replica('B').status().sessions).to.equal(4);
  });

  it('are found at once where there are 100,000 of them', () => {
    const stage = lonePrimary();
    for (let count = 0; count < 110_000; count++) use(stage, 'greedy');
    for (let count = 0; count < 12_000; count++) expect(use(stage, `other ${count}`)).to.match(/^x:1:/);
    stage.now += RECENT_MS + 1;
    for (let count = 0; count < 5_000; count++) expect(use(stage, 'late')).to.match(/^x:1:/);
    expect(stage.replica('A').status().sessions).to.equal(100_000);
  }).timeout(60_000);
});

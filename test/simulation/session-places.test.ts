/** The judge of full tables of sessions: what it objects to, and what it lets pass (S5). */
import type { Effect, Event } from '@understudy/kvservice';
import { expect } from 'chai';
import { SessionPlaces } from '../../packages/testkit/src/invariants/session-places.ts';
import { Judge } from '../../packages/testkit/src/simulation/judge.ts';
import { FakeReplica, type Shown, TURN_END } from './support/fake-replica.ts';

const NO_EFFECTS: readonly Effect[] = [];
const OPEN = { kind: 'openSession', client: 'c' };

/** A primary with a table of eight places, in which sessions live for six seconds: they are recent for 100 ms. */
class Table {
  made = 0;
  readonly #judge: Judge;
  readonly #replica = new FakeReplica({ server: 'a:1', incarnation: 'a' });

  constructor() {
    const invariants = [new SessionPlaces({ places: 8, ttlMs: 6_000, onRoomMade: () => (this.made += 1) })];
    this.#judge = new Judge({ invariants, now: () => 0, onViolation: () => {}, onLog: () => {} });
  }

  get messages(): readonly string[] {
    return this.#judge.violations.map(({ message }) => message);
  }

  step(shown: Partial<Shown>, event: Event = TURN_END): this {
    const primary = { role: 'primary', viewnum: 1, serving: true, ...shown } as const;
    this.#judge.replica({ event, effects: NO_EFFECTS, replica: this.#replica.show(primary).inspection });
    return this;
  }
}

function names(count: number): readonly string[] {
  return Array.from({ length: count }, (_, place) => `s${place + 1}`);
}

function use(session: string): Event {
  const operation = { kind: 'put', key: 'k', value: 'v' } as const;
  return { kind: 'write', requester: {}, operation, origin: { session, seq: 1, acked: 0 } };
}

describe('a session makes room only in a full table, one that was never used first (S5)', () => {
  const room = (of: string) => ({ 2: { kind: 'expireSession', session: of }, 3: OPEN });

  const used = () =>
    new Table()
      // Entry 1 is an operation of the first session.
      .step({ sessions: names(8), now: 1_000, log: [1], origins: { 1: 's1' }, commitIndex: 0 }, use('s1'))
      .step({ now: 1_001, commitIndex: 1 });

  it('one that was never used, at any time', () => {
    const table = used().step({ now: 1_002, log: [1, 1, 1], operations: room('s2') });
    expect(table.messages).to.deep.equal([]);
    expect(table.made).to.equal(1);
  });

  it('not in a table with free places', () => {
    const table = used().step({ now: 1_002, sessions: names(6), log: [1, 1, 1], operations: room('s2') });
    expect(table.messages[0]).to.match(/^a:1 ends session s2 for another one with 6 sessions in a table of 8 places$/);
  });

  it('not one that was used while another never was', () => {
    const table = used().step({ now: 5_000, log: [1, 1, 1], operations: room('s1') });
    expect(table.messages[0]).to.equal('a:1 ends session s1 for another one although s2 was never used');
  });

  it('not one that was used a moment ago; after a while it may be', () => {
    const allUsed = () => {
      const table = used();
      for (const session of names(8)) table.step({ now: 1_010 }, use(session));
      return table;
    };
    const early = allUsed().step({ now: 1_100, log: [1, 1, 1], operations: room('s1') });
    expect(early.messages[0]).to.equal('a:1 ends session s1 for another one which was heard of 90 ms before');
    const late = allUsed().step({ now: 1_110, log: [1, 1, 1], operations: room('s1') });
    expect(late.messages).to.deep.equal([]);
  });

  it('an end without another opening is no matter of room', () => {
    const table = used().step({ now: 1_002, log: [1, 1], operations: { 2: { kind: 'expireSession', session: 's1' } } });
    expect(table.messages).to.deep.equal([]);
    expect(table.made).to.equal(0);
  });
});

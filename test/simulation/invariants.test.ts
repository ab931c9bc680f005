/** Each invariant lets pass what is right, and says what is wrong. */
import { type Effect, type Event, requestsOf } from '@understudy/kvservice';
import type { MonitorNotice, MonitorState, View } from '@understudy/sysmonitor';
import { SeededRandom } from '@understudy/testkit';
import { expect } from 'chai';
import { AtMostOnce } from '../../packages/testkit/src/invariants/at-most-once.ts';
import { Bounds } from '../../packages/testkit/src/invariants/bounds.ts';
import { CommittedAnswers } from '../../packages/testkit/src/invariants/committed-answers.ts';
import { CommittedIsHeld } from '../../packages/testkit/src/invariants/committed-is-held.ts';
import { CommittedStays } from '../../packages/testkit/src/invariants/committed-stays.ts';
import { DefiniteFailures } from '../../packages/testkit/src/invariants/definite-failures.ts';
import { Durable } from '../../packages/testkit/src/invariants/durable.ts';
import { GivenViews } from '../../packages/testkit/src/invariants/given-views.ts';
import type { ClusterFacts, Invariant, ObservedStep } from '../../packages/testkit/src/invariants/invariant.ts';
import { Memory } from '../../packages/testkit/src/invariants/memory.ts';
import { MinBackups } from '../../packages/testkit/src/invariants/min-backups.ts';
import { NoStaleAnswer } from '../../packages/testkit/src/invariants/no-stale-answer.ts';
import { OneEntry } from '../../packages/testkit/src/invariants/one-entry.ts';
import { OnePrimary } from '../../packages/testkit/src/invariants/one-primary.ts';
import { Promotion } from '../../packages/testkit/src/invariants/promotion.ts';
import { SequentialReads } from '../../packages/testkit/src/invariants/sequential-reads.ts';
import { SessionTimes } from '../../packages/testkit/src/invariants/session-times.ts';
import { ViewSuccession } from '../../packages/testkit/src/invariants/view-succession.ts';
import { invariantsFor } from '../../packages/testkit/src/simulation/invariants.ts';
import { Judge } from '../../packages/testkit/src/simulation/judge.ts';
import { drawProfile } from '../../packages/testkit/src/simulation/profile.ts';
import { CHUNK, FakeReplica, read, result, type Shown, TURN_END, write } from './support/fake-replica.ts';

/** Runs steps past some invariants; what was found wrong is in `messages`. */
class Bench {
  readonly judge: Judge;
  readonly #replicas = new Map<string, FakeReplica>();

  constructor(...invariants: Invariant[]) {
    this.judge = new Judge({ invariants, now: () => 0, onViolation: () => {}, onLog: () => {} });
  }

  get messages(): readonly string[] {
    return this.judge.violations.map(({ message }) => message);
  }

  /** The server shows this after an event. `server` with a `#2` behind it is another run of the same. */
  step(server: string, shown: Partial<Shown>, event: Event = TURN_END, effects: readonly Effect[] = []): this {
    const address = `${server.replace(/#\d+$/, '')}:1`;
    let replica = this.#replicas.get(server);
    if (replica === undefined) {
      replica = new FakeReplica({ server: address, incarnation: server });
      this.#replicas.set(server, replica);
    }
    this.judge.replica({ event, effects, replica: replica.show(shown).inspection });
    return this;
  }

  monitor(state: MonitorState | undefined, ...notices: MonitorNotice[]): this {
    this.judge.monitorStep({ ping: undefined, notices, state });
    return this;
  }
}

function viewOf(
  viewnum: number,
  primary: string,
  backups: readonly string[] = [],
  syncing: readonly string[] = [],
): View {
  return { viewnum, primary, backups, syncing, cluster: 'cluster' };
}

function stateOf(view: View, safe: readonly string[]): MonitorState {
  const seats = [view.primary, ...view.backups].map((server) => ({
    server,
    incarnation: server.replace(':1', ''),
    tookPart: true,
    lostData: false,
  }));
  return { view, acknowledged: true, safe, seats, runs: [] };
}

function told(view: View, kind: 'backup-joined' | 'rebuilt' = 'backup-joined'): MonitorNotice {
  const cause = kind === 'rebuilt' ? { kind, server: 'a:1', viewnum: 1 } : { kind, server: 'b:1' };
  return { kind: 'view', view, causes: [cause] };
}

const PRIMARY = { role: 'primary' } as const;

describe('invariants', () => {
  describe('what is committed stays (R3, R5, R7)', () => {
    const committed = () =>
      new Bench(new CommittedStays())
        .step('a', { ...PRIMARY, log: [1, 1, 1] })
        .step('b', { log: [1, 1, 1] })
        .step('a', { commitIndex: 3 })
        .step('b', { commitIndex: 2 });

    it('commits, a suffix cut above the commit index, forgotten entries and a state that came are right', () => {
      const bench = committed()
        .step('b', { log: [1, 1, 2] })
        .step('b', { log: [1, 1] })
        .step('a', { log: [1], base: { viewnum: 1, index: 2 } })
        .step('c', { log: [], base: { viewnum: 1, index: 3 }, commitIndex: 3 }, CHUNK);
      expect(bench.messages).to.deep.equal([]);
    });

    it('a committed entry that is cut off', () => {
      expect(committed().step('b', { log: [1] }).messages[0]).to.match(/b:1 cut off its entry 2/);
    });

    it('an entry committed as another one elsewhere', () => {
      expect(committed().step('b', { log: [1, 1, 2], commitIndex: 3 }).messages[0]).to.match(
        /entry 3 is committed as one of view 1, and at b:1 as one of view 2/,
      );
    });

    it('a conflicting suffix that is cut, replaced, committed and forgotten in one step was nothing committed', () => {
      const bench = committed()
        .step('c', { log: [1, 1, 1, 1], commitIndex: 2 })
        .step('a', { log: [1, 1, 1, 2, 2], commitIndex: 5 })
        .step('c', { log: [2], base: { viewnum: 2, index: 4 }, commitIndex: 5 });
      expect(bench.messages).to.deep.equal([]);
    });

    it('a backup that commits before its primary', () => {
      const bench = committed().step('b', { log: [1, 1, 1, 1], commitIndex: 4 });
      expect(bench.messages[0]).to.match(/b:1, backup, is the first to commit entry 4/);
    });

    it('a commit index that falls', () => {
      expect(committed().step('a', { commitIndex: 1 }).messages[0]).to.match(/a:1 fell from 3 to 1/);
    });

    it('a state that came and shows what was never committed', () => {
      const bench = committed().step('c', { log: [], base: { viewnum: 1, index: 4 }, commitIndex: 4 }, CHUNK);
      expect(bench.messages[0]).to.match(/c:1 took in a state of 4, and only 3 is committed/);
    });

    it('entries that were committed and forgotten in the very step in which they came count too', () => {
      const bench = new Bench(new CommittedStays())
        .step('a', { ...PRIMARY, log: [1] })
        .step('a', { log: [1], base: { viewnum: 1, index: 3 }, commitIndex: 4 })
        .step('b', { log: [1, 1, 1, 2], commitIndex: 4 });
      expect(bench.messages).to.deep.equal(['entry 4 is committed as one of view 1, and at b:1 as one of view 2']);
    });
  });

  describe('what is committed is held by all who may be promoted (R4, V3)', () => {
    const pair = (atB: readonly number[]) =>
      new Bench(new CommittedStays(), new CommittedIsHeld())
        .step('a', { ...PRIMARY, log: [1, 1] })
        .step('b', { log: atB });
    const view = viewOf(2, 'a:1', ['b:1']);

    it('held by both: right', () => {
      const bench = pair([1, 1])
        .monitor(stateOf(view, ['a:1', 'b:1']))
        .step('a', { commitIndex: 2 });
      expect(bench.messages).to.deep.equal([]);
    });

    it('committed without a backup that may be promoted', () => {
      const bench = pair([1])
        .monitor(stateOf(view, ['a:1', 'b:1']))
        .step('a', { commitIndex: 2 });
      expect(bench.messages[0]).to.match(/entry 2 of view 1 is committed, and b:1, .* its log ends at 1/);
    });

    it('a backup without it that comes to be safe afterwards', () => {
      const bench = pair([1])
        .step('a', { commitIndex: 2 })
        .monitor(stateOf(view, ['a:1', 'b:1']));
      expect(bench.messages).to.have.lengthOf(1);
    });

    it('another run than the one that has the seat, and who is not safe, need not hold it', () => {
      const bench = pair([1])
        .monitor(stateOf(view, ['a:1']))
        .step('a', { commitIndex: 2 })
        .step('b#2', {});
      expect(bench.monitor(stateOf(view, ['a:1', 'b:1'])).messages).to.deep.equal([]);
    });
  });

  it('one primary acts in a view (R8)', () => {
    const bench = new Bench(new OnePrimary())
      .step('a', { ...PRIMARY, viewnum: 1 })
      .step('a', { ...PRIMARY, viewnum: 2 })
      .step('b', { role: 'backup', viewnum: 2 });
    expect(bench.messages).to.deep.equal([]);
    expect(bench.step('b', { ...PRIMARY, viewnum: 2 }).messages[0]).to.match(
      /a:1 \(a\) and b:1 \(b\) both act in view 2/,
    );
    expect(bench.step('a#2', { ...PRIMARY, viewnum: 1 }).messages).to.have.lengthOf(2);
  });

  it('a position names one entry (R1)', () => {
    const bench = new Bench(new OneEntry()).step('a', { log: [1, 1] }).step('b', { log: [1, 2] });
    expect(bench.messages).to.deep.equal([]);
    expect(bench.step('c', { log: [1], value: 'another' }).messages[0]).to.match(
      /^\(1, 1\) is .*"1".* but .*another.* at c:1/,
    );
  });

  describe('answers show only what is committed (R5)', () => {
    const answering = (value: object) =>
      new Bench(new CommittedAnswers()).step('a', { ...PRIMARY, commitIndex: 5 }, TURN_END, [result({}, value)]);

    it('up to the commit index: right', () => {
      expect(answering({ value: 'v', revision: 5 }).messages).to.deep.equal([]);
      expect(answering({ entries: [{ key: 'k', value: 'v', revision: 5 }], more: false }).messages).to.deep.equal([]);
    });

    it('above it', () => {
      expect(answering({ value: 'v', revision: 6 }).messages[0]).to.match(/revision 6, and has committed only 5/);
      expect(answering({ entries: [{ key: 'k', value: 'v', revision: 6 }], more: false }).messages).to.have.lengthOf(1);
    });
  });

  it('an operation takes effect at most once (S3)', () => {
    let repeated = 0;
    const [first, again, third, other] = [{}, {}, {}, {}];
    const bench = new Bench(new AtMostOnce(() => repeated++))
      .step('a', PRIMARY, write(first, 1), [result(first, { revision: 3 })])
      .step('b', PRIMARY, write(again, 1), [result(again, { revision: 3 })])
      .step('b', PRIMARY, write(other, 2), [result(other, { revision: 4 })]);
    expect([bench.messages, repeated]).to.deep.equal([[], 1]);
    bench.step('b', PRIMARY, write(third, 1), [result(third, { revision: 5 })]);
    expect(bench.messages[0]).to.match(/operation s 1 came to {"revision":3}, and again to {"revision":5}/);
  });

  it('what may be done is never called definitely not done (S6)', () => {
    const [kept, refused, told] = [{}, {}, {}];
    const failing = (requester: object, name: 'NOT_PRIMARY' | 'OUTCOME_UNKNOWN' | 'SESSION_UNKNOWN'): Effect => ({
      kind: 'failure',
      requester,
      failure: { name, message: '' },
    });
    const bench = new Bench(new DefiniteFailures())
      .step('a', { ...PRIMARY, log: [] }, write(refused, 1), [failing(refused, 'NOT_PRIMARY')])
      .step('a', { log: [1] }, write(kept, 2))
      .step('a', { log: [1, 1] }, write(told, 3), [failing(told, 'SESSION_UNKNOWN')])
      .step('a', {}, TURN_END, [failing(kept, 'OUTCOME_UNKNOWN')]);
    expect(bench.messages).to.deep.equal([]);
    bench.step('a', {}, TURN_END, [failing(kept, 'NOT_PRIMARY')]);
    expect(bench.messages[0]).to.match(/a:1 has an operation in its log, .* NOT_PRIMARY/);
  });

  describe('an old primary answers no read after a newer one has answered (L2)', () => {
    const [old, early, anything, local] = [{}, {}, {}, {}];
    const afterTheNewOne = () =>
      new Bench(new NoStaleAnswer())
        .step('a', { ...PRIMARY, viewnum: 1 }, read(early))
        .step('b', { ...PRIMARY, viewnum: 2 }, TURN_END, [result(anything, { revision: 1 })]);

    it('a read that came after', () => {
      const bench = afterTheNewOne().step('a', {}, read(old), [result(old, { value: 'v', revision: 1 })]);
      expect(bench.messages[0]).to.match(
        /a:1 answered .* as primary of view 1, after the primary of view 2 had answered/,
      );
    });

    it('one that came before may be answered late, and a sequential one whenever', () => {
      const bench = afterTheNewOne()
        .step('a', {}, TURN_END, [result(early, { value: 'v', revision: 1 })])
        .step('a', {}, read(local, 'sequential'), [result(local, { value: 'v', revision: 1 })]);
      expect(bench.messages).to.deep.equal([]);
    });

    it('a page of a snapshot at a new primary does not count as its answer', () => {
      const page = {};
      const event: Event = { kind: 'snapshot-read', requester: page, snapshot: 's:1', query: { limit: 1 } };
      const bench = new Bench(new NoStaleAnswer())
        .step('b', { ...PRIMARY, viewnum: 2 }, event, [result(page, { entries: [], more: false })])
        .step('a', { ...PRIMARY, viewnum: 1 }, read(old), [result(old, { value: 'v', revision: 1 })]);
      expect(bench.messages).to.deep.equal([]);
    });

    it('a sequential read at a new primary that may not act yet does not count as its answer', () => {
      const bench = new Bench(new NoStaleAnswer())
        .step('b', { ...PRIMARY, viewnum: 2 }, read(local, 'sequential'), [result(local, { value: 'v', revision: 1 })])
        .step('a', { ...PRIMARY, viewnum: 1 }, read(old), [result(old, { value: 'v', revision: 1 })]);
      expect(bench.messages).to.deep.equal([]);
    });
  });

  it('a read never shows less than its client asks for (L5)', () => {
    const [one, two] = [{}, {}];
    const bench = new Bench(new SequentialReads());
    bench.step('b', { commitIndex: 5 }, read(one, 'sequential', 5), [result(one, { value: 'v', revision: 2 })]);
    expect(bench.messages).to.deep.equal([]);
    bench.step('b', { commitIndex: 5 }, read(two, 'sequential', 6), [result(two, { value: 'v', revision: 2 })]);
    expect(bench.messages[0]).to.match(/b:1 answered .* at 5, and its client asked for 6 or later/);
  });

  it('no write is taken while too few backups hold the data (R11)', () => {
    const event = write({}, 1);
    const operations = { 1: (event as { readonly operation: object }).operation };
    const taken = { role: 'primary', log: [1], operations } as const;
    expect(new Bench(new MinBackups(1)).step('a', { ...taken, countedBackups: 1 }, event).messages).to.deep.equal([]);
    const own = { ...taken, operations: { 1: { kind: 'nothing' } } };
    expect(new Bench(new MinBackups(1)).step('a', own, event).messages, 'its own entry').to.deep.equal([]);
    const { messages } = new Bench(new MinBackups(1)).step('a', taken, event);
    expect(messages[0]).to.match(/a:1 took .*"put".* with 0 backups of at least 1/);
  });

  describe('a session ends when it was idle for its time to live (S5)', () => {
    const TTL_MS = 1_000;
    const TICK: Event = { kind: 'tick' };
    const primary = { role: 'primary', serving: true, now: 0 } as const;
    const bench = () => new Bench(new SessionTimes(TTL_MS)).step('a', primary);
    const ends = { log: [1], operations: { 1: { kind: 'expireSession', session: 's' } } };

    it('not before: the time of each begins anew with its primary, and with each operation', () => {
      expect(bench().step('a', { ...primary, ...ends, now: 1_001 }, TICK).messages).to.deep.equal([]);
      const early = bench().step('a', { ...primary, ...ends, now: 1_000 }, TICK);
      expect(early.messages[0]).to.equal('a:1 ends session s after 1000 ms, and its time to live is 1000');
      const used = bench().step('a', { ...primary, now: 600 }, write({}, 1));
      used.step('a', { ...primary, ...ends, now: 1_500 }, TICK);
      expect(used.messages[0]).to.match(/ends session s after 900 ms/);
    });

    it('not before: the time of one begins when it is opened', () => {
      const opened = { log: [1], operations: { 1: { kind: 'openSession', client: 'c' } }, commitIndex: 1 };
      const ended = {
        log: [1, 1],
        operations: { 2: { kind: 'expireSession', session: 'cluster:1:1' } },
        commitIndex: 1,
      };
      const early = bench()
        .step('a', { ...primary, ...opened, now: 5_000 })
        .step('a', { ...primary, ...ended, now: 5_900 }, TICK);
      expect(early.messages[0]).to.match(/ends session cluster:1:1 after 900 ms/);
    });

    it('sooner where its client closes it', () => {
      const close: Event = { kind: 'write', requester: {}, operation: { kind: 'expireSession', session: 's' } };
      expect(bench().step('a', { ...primary, ...ends, now: 10 }, close).messages).to.deep.equal([]);
    });

    it('not much after', () => {
      const kept = { ...primary, sessions: ['s'] };
      const late = bench().step('a', { ...kept, now: 10 }, TICK);
      expect(late.step('a', { ...kept, now: 1_600 }, TICK).messages).to.deep.equal([]);
      expect(late.step('a', { ...kept, now: 1_700 }, TICK).messages[0]).to.match(/a:1 keeps session s after 1690 ms/);
      const opens = { operations: { 1: { kind: 'openSession', client: 'c' } }, log: [1], commitIndex: 1 } as const;
      const opened = bench()
        .step('a', { ...primary, now: 10 }, TICK)
        .step('a', { ...kept, ...opens, now: 500 })
        .step('a', { ...kept, now: 510 }, TICK);
      expect(opened.step('a', { ...kept, now: 2_110 }, TICK).messages).to.deep.equal([]);
      expect(opened.step('a', { ...kept, now: 2_111 }, TICK).messages[0]).to.match(/keeps session s after 1601 ms/);
      const cut = bench().step('a', { ...kept, now: 10 }, TICK);
      const waits = { ...kept, now: 1_700, ...ends, commitIndex: 0 };
      expect(cut.step('a', waits, TICK).messages, 'its end is in the log').to.deep.equal([]);
    });
  });

  it('the log stays within its bounds (R12)', () => {
    const bench = new Bench(new Bounds({ logWeight: 1_000, rememberedText: 100 })).step('a', {
      log: [1],
      logWeight: 1_000,
    });
    expect(bench.messages).to.deep.equal([]);
    expect(bench.step('a', { log: [1, 1], logWeight: 1_001 }).messages[0]).to.match(
      /a:1 takes 1001 bytes with 2 entries/,
    );
  });

  describe('memory stays within its bounds (M1 to M3)', () => {
    const bench = () => new Bench(new Memory({ pendingWeight: 10, entryWeight: 15 }));
    const requester = {};
    const refusal = { kind: 'failure', requester, failure: { name: 'NO_SPACE', message: '' } } as const;
    const deletion = { kind: 'write', requester, operation: { kind: 'delete', key: 'k' } } as const;

    it('but for what is in flight, and by a true count', () => {
      expect(bench().step('a', { log: [1], heldBytes: 1_150 }).messages).to.deep.equal([]);
      expect(bench().step('a', { log: [1], heldBytes: 1_151 }).messages[0]).to.match(/a:1 holds 1151 bytes/);
      expect(bench().step('a', { log: [1], miscount: 7 }).messages[0]).to.match(/a:1 counts 7 bytes more/);
      const taken = bench().step('b', { base: { viewnum: 1, index: 9 }, commitIndex: 9, heldBytes: 2_002 }, CHUNK);
      expect(taken.messages[0]).to.match(/b:1 took a state of 1001 bytes/);
    });

    it('and only a lack of room refuses writes, never deletions', () => {
      const full = bench().step('a', { ...PRIMARY, heldBytes: 860 }, write(requester, 1), [refusal]);
      expect(full.messages).to.deep.equal([]);
      expect(full.step('a', {}, deletion, [refusal]).messages[0]).to.match(/what needs none: delete/);
      const roomy = bench().step('a', { ...PRIMARY, heldBytes: 800 }, write(requester, 1), [refusal]);
      expect(roomy.messages[0]).to.match(/a:1 refuses a write for want of room, and holds 800 of 1000 bytes/);
    });

    it('of the primary, or of a backup that counts', () => {
      const step = (heldBytes: number) =>
        bench()
          .step('b', { log: [1], heldBytes })
          .step('a', { ...PRIMARY, heldBytes: 100, fullBackups: ['b:1'] }, write(requester, 1), [refusal]).messages;
      expect(step(860)).to.deep.equal([]);
      expect(step(800)).to.have.length(1);
      const filledByPieces = bench()
        .step('b', { heldBytes: 860 }, TURN_END, [
          { kind: 'answer', requester, answer: { kind: 'accepted', verified: 0, full: true } },
        ])
        .step('a', { ...PRIMARY, heldBytes: 100, fullBackups: ['b:1'] }, write(requester, 1), [refusal]);
      expect(filledByPieces.messages).to.deep.equal([]);
      const event = write(requester, 1);
      const { operation } = event as Extract<Event, { kind: 'write' }>;
      const taken = bench().step('a', { ...PRIMARY, fullBackups: ['b:1'] }, read(requester));
      taken.step('a', { log: [1], operation }, event);
      expect(taken.messages[0]).to.match(/a:1 takes more data \(put\) although b:1, which counts, is full/);
    });
  });

  describe('views follow one another (V8, V12)', () => {
    const after = (view: View, kind?: 'rebuilt') =>
      new Bench(new ViewSuccession())
        .monitor(undefined, told(viewOf(1, 'a:1')))
        .monitor(undefined, told(viewOf(2, 'a:1', ['b:1'])))
        .monitor(undefined, told(view, kind)).messages;

    it('by one, with a primary from the view before; rebuilt: higher', () => {
      expect(after(viewOf(3, 'b:1'))).to.deep.equal([]);
      expect(after(viewOf(1_002, 'a:1'), 'rebuilt')).to.deep.equal([]);
      expect(after({ ...viewOf(1, 'c:1'), cluster: 'another' })).to.deep.equal([]);
    });

    it('what was rebuilt, and no primary ever acted in, may be rebuilt again', () => {
      const bench = new Bench(new ViewSuccession()).monitor(undefined, told(viewOf(1, 'a:1')));
      bench.step('a', { ...PRIMARY, viewnum: 1 });
      for (let times = 0; times < 2; times++) {
        bench.monitor(undefined, told(viewOf(1_001, 'a:1'), 'rebuilt'));
        bench.monitor(undefined, told(viewOf(1_002, 'a:1', ['b:1'])));
      }
      expect(bench.messages).to.deep.equal([]);
      bench.step('a', { ...PRIMARY, viewnum: 1_002 }).monitor(undefined, told(viewOf(1_001, 'a:1'), 'rebuilt'));
      expect(bench.messages).to.deep.equal(['view 1001 was rebuilt after view 1002']);
    });

    it('a view that a dying monitor kept and told nobody is known from what its next run goes on from', () => {
      const begun = () =>
        new Bench(new ViewSuccession()).monitor(stateOf(viewOf(1, 'a:1'), []), told(viewOf(1, 'a:1')));
      const kept = (view: View) => begun().monitor(stateOf(view, []));
      const next = kept(viewOf(2, 'a:1', ['b:1'])).monitor(undefined, told(viewOf(3, 'b:1')));
      expect(next.messages).to.deep.equal([]);
      expect(kept(viewOf(1_001, 'a:1')).messages).to.deep.equal([]);
      expect(kept(viewOf(2, 'c:1')).messages[0]).to.match(/c:1, primary of view 2, was no member/);
    });

    it('a number left out, given twice, or rebuilt too low', () => {
      expect(after(viewOf(4, 'a:1'))).to.deep.equal(['view 4 came after view 2']);
      expect(after(viewOf(2, 'b:1'))).to.deep.equal(['view 2 came after view 2']);
      const acted = new Bench(new ViewSuccession()).step('a', { ...PRIMARY, viewnum: 2 });
      expect(acted.monitor(undefined, told(viewOf(2, 'a:1'), 'rebuilt')).messages).to.deep.equal([
        'view 2 was rebuilt after view 2',
      ]);
    });

    it('a primary from nowhere, a server with two seats', () => {
      expect(after(viewOf(3, 'c:1'))[0]).to.match(/c:1, primary of view 3, was no member/);
      expect(after(viewOf(3, 'a:1', ['b:1', 'b:1']))[0]).to.match(/two seats/);
    });
  });

  describe('servers know only views that a monitor has given (R3, V12)', () => {
    const bench = () =>
      new Bench(new GivenViews()).monitor(stateOf(viewOf(2, 'a:1', ['b:1']), []), told(viewOf(1, 'a:1', ['b:1'])));

    it('view 0, one that the monitor told of, and one that it goes on from', () => {
      expect(bench().step('a', { viewnum: 0 }).messages).to.deep.equal([]);
      for (const viewnum of [1, 2]) expect(bench().step('a', { viewnum }).messages, `${viewnum}`).to.deep.equal([]);
    });

    it('a view that is made up', () => {
      expect(bench().step('c', { viewnum: 1_002 }).messages).to.deep.equal([
        'c:1 knows view 1002 of cluster, primary a:1, backups [b:1], which no monitor has given',
      ]);
    });
  });

  describe('no syncing backup is promoted (V3)', () => {
    const before = viewOf(2, 'a:1', ['b:1', 'c:1'], ['b:1']);
    const promoted = (primary: string, ...notices: MonitorNotice[]) =>
      new Bench(new Promotion()).monitor(stateOf(before, ['a:1'])).monitor(stateOf(viewOf(3, primary), []), ...notices)
        .messages;

    it('who was syncing', () => {
      expect(promoted('b:1')).to.deep.equal(['b:1, primary of view 3, was syncing in view 2']);
    });

    it('who was not, or whose view was acknowledged by the same ping', () => {
      expect(promoted('c:1')).to.deep.equal([]);
      expect(promoted('b:1', { kind: 'acknowledged', view: { ...before, syncing: [] } })).to.deep.equal([]);
    });
  });

  describe('what a server says to hold is on its disk', () => {
    const entries = (count: number) =>
      Array.from({ length: count }, () => ({ viewnum: 1, operation: { kind: 'nothing' } }));
    /** A write of entries from `from` up to `to`. */
    const persist = (number: number, from: number, to: number, fulfilled = 1) =>
      ({
        kind: 'persist',
        number,
        log: { from, entries: entries(to - from + 1), commit: 0 },
        meta: { fulfilled, base: { index: 0 } },
      }) as unknown as Effect;
    const accepted = (verified: number): Effect => ({
      kind: 'answer',
      requester: {},
      answer: { kind: 'accepted', verified },
    });
    const persisted = (number: number): Event => ({ kind: 'persisted', number });
    const start = (harms = () => 0) => new Bench(new Durable(harms)).step('b', {}, TURN_END, [{ kind: 'ping' }]);

    it('an answer after its write lets pass, one before it does not', () => {
      const given = (bench: Bench) => bench.step('b', { log: [1, 1] }, TURN_END, [persist(1, 1, 2)]);
      expect(
        given(start())
          .step('b', {}, persisted(1))
          .step('b', {}, TURN_END, [accepted(2)]).messages,
      ).to.deep.equal([]);
      expect(given(start()).step('b', {}, persisted(1), [accepted(2)]).messages).to.deep.equal([]);
      expect(given(start()).step('b', {}, TURN_END, [accepted(2)]).messages).to.deep.equal([
        'b:1 accepted entries up to 2, and has those up to 0 on its disk',
      ]);
    });

    it('a primary commits nothing that a write under way replaces', () => {
      const bench = start()
        .step('b', { log: [1, 1, 1] }, TURN_END, [persist(1, 1, 3)])
        .step('b', {}, persisted(1));
      bench.step('b', { log: [1, 1, 2], role: 'primary' }, TURN_END, [persist(2, 3, 3)]);
      expect(bench.step('b', { commitIndex: 2 }).messages).to.deep.equal([]);
      expect(bench.step('b', { commitIndex: 3 }).messages).to.deep.equal([
        'b:1 committed entry 3 as primary, and has those up to 2 on its disk',
      ]);
    });

    it('a run comes back with what was written, unless something happened to the disk', () => {
      const written = (harms?: () => number) =>
        start(harms)
          .step('b', { log: [1, 1] }, TURN_END, [persist(1, 1, 2, 5)])
          .step('b', {}, persisted(1));
      const back = (bench: Bench, log: readonly number[], fulfilled: number) =>
        bench.step('b#2', { log, fulfilled }, TURN_END, [{ kind: 'ping' }]).messages;
      expect(back(written(), [1, 1], 5)).to.deep.equal([]);
      expect(back(written(), [1], 5)).to.deep.equal([
        'b:1 had entries up to 2 on its disk, and comes back with entries up to 1',
      ]);
      expect(back(written(), [1, 1], 0)).to.deep.equal(['b:1 had view 5 on its disk, and comes back with view 0']);
      let harms = 0;
      const bench = written(() => harms);
      harms += 1;
      expect(back(bench, [], 0)).to.deep.equal([]);
    });
  });

  describe('when a step has brought nothing', () => {
    const untouchable = <T extends object>(): T =>
      new Proxy({} as T, {
        get: (_, field) => {
          throw new Error(`looked at ${String(field)}`);
        },
      });
    const quiet = (replica: ObservedStep['replica']): ObservedStep => ({
      event: TURN_END,
      effects: [],
      requests: [],
      answers: [],
      change: undefined,
      replica,
      log: untouchable(),
    });
    const profile = drawProfile(new SeededRandom(1), {
      shape: 'usual',
      servers: undefined,
      backups: undefined,
      clients: 5,
      hasDisk: undefined,
      hasLittleMemory: undefined,
      theme: undefined,
    });
    const all = invariantsFor({
      profile: { ...profile, hasDisk: true },
      clocksAreTrue: true,
      harmsOf: () => 0,
      now: () => 0,
      monitorStarts: () => 1,
      monitorDisk: { entries: () => [] },
      onRepeated: () => {},
      onRoomMade: () => {},
    });

    const facts: ClusterFacts = { truth: untouchable(), replicas: untouchable(), monitor: undefined };
    const change = {
      appended: { from: 1, to: 1 },
      cut: { from: 1, to: 0 },
      committed: { from: 1, to: 1 },
      installed: 0,
    };
    const requests = requestsOf(write({}, 1));
    const answers = [{ requester: {}, result: { revision: 1 } }];
    /** For what an invariant looks at: a step that has everything else. */
    const without = {
      log: { ...quiet(untouchable()), requests, answers, effects: [result({}, { revision: 1 })] },
      talk: { ...quiet(untouchable()), change, effects: [{ kind: 'ping' }] },
      news: quiet(untouchable()),
    } as const;

    for (const invariant of all.filter(({ onReplica }) => onReplica !== undefined)) {
      const { looksAt = 'news', property } = invariant;
      const what = looksAt === 'state' ? 'looks at the server all the same' : `without ${looksAt} it looks at nothing`;
      it(`${property}: ${what}`, () => {
        if (looksAt === 'state') expect(() => invariant.onReplica?.(without.news, facts)).to.throw('looked at');
        else expect(invariant.onReplica?.(without[looksAt], facts)).to.equal(undefined);
      });
    }

    it('only those are asked that have something to look at', () => {
      const asked: string[] = [];
      const spy = (looksAt: 'state' | 'log' | 'talk' | undefined): Invariant => ({
        property: looksAt ?? 'news',
        rules: '',
        ...(looksAt === undefined ? {} : { looksAt }),
        onReplica: () => {
          asked.push(looksAt ?? 'news');
          return undefined;
        },
      });
      const bench = new Bench(spy('state'), spy('log'), spy('talk'), spy(undefined));
      const askedAfter = (...step: Parameters<Bench['step']>) => {
        bench.step(...step);
        return asked.splice(0).join(' ');
      };
      expect(askedAfter('a', PRIMARY)).to.equal('state');
      expect(askedAfter('a', { ...PRIMARY, log: [1] })).to.equal('state log news');
      expect(askedAfter('a', { commitIndex: 1 })).to.equal('state log news');
      expect(askedAfter('a', {}, read({}))).to.equal('state talk news');
      expect(askedAfter('a', {}, { kind: 'persisted', number: 1 })).to.equal('state news');
      expect(askedAfter('a', {}, TURN_END, [result({}, { revision: 1 })])).to.equal('state talk news');
      expect(askedAfter('a', {}, TURN_END, [{ kind: 'ping' }])).to.equal('state news');
      expect(askedAfter('a', { log: [1, 1] }, write({}, 1))).to.equal('state log talk news');
      expect(askedAfter('a', {})).to.equal('state');
    });
  });
});

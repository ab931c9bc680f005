/**
 * Guards for lines of the core that are easy to get wrong and that no other test notices. Each test fails when one line is broken
 * in the way that its title excludes. The tests cover durability (R9, R10), leases and releases (L1, L3, L6), transfers (R7, S4),
 * reports to the monitor (V2, V7), and sessions (S5).
 */
import { expect } from 'chai';
import type { Effect } from '../../../packages/kvservice/src/core/effect.ts';
import { earlier, later, leaseFrom, Promises, stands } from '../../../packages/kvservice/src/core/lease.ts';
import type { Chunk, PeerMessage, Prepare, TransferRecord } from '../../../packages/kvservice/src/core/message.ts';
import type { Entry } from '../../../packages/kvservice/src/core/operation.ts';
import { diskPair, logOf } from '../disk/disk-stage.ts';
import { pair, Stage, senderOf, viewOf } from './stage.ts';

const turnEnd = { kind: 'turn-end' } as const;
const put = (requester: string, key: string, value: string) =>
  ({ kind: 'write', requester, operation: { kind: 'put', key, value } }) as const;
const get = (requester: string, key: string) => ({ kind: 'read', requester, query: { kind: 'get', key } }) as const;
const openSnapshot = { kind: 'read', requester: 'open', query: { kind: 'open-snapshot' } } as const;

/** The results and failures that clients were told, as `requester: result`. */
function told(effects: readonly Effect[]): string[] {
  return effects.flatMap((effect) => {
    if (effect.kind === 'leased') return [`${String(effect.read.requester)}: ${JSON.stringify(effect.result)}`];
    if (effect.kind === 'failure') return [`${String(effect.requester)}: ${effect.failure.name}`];
    if (effect.kind !== 'result' || typeof effect.requester !== 'string') return [];
    return [`${effect.requester}: ${JSON.stringify(effect.result)}`];
  });
}

function answers(effects: readonly Effect[]): string[] {
  return effects.flatMap((effect) => (effect.kind === 'answer' ? [effect.answer.kind] : []));
}

function receive(stage: Stage, to: string, message: PeerMessage): readonly Effect[] {
  return stage.step(to, { kind: 'message', requester: { from: message.server, number: message.number }, message });
}

const fromA = senderOf('A');

/** A chunk of a transfer of A's in view 2, whole by itself unless `change` says otherwise. */
function chunk(index: number, records: readonly TransferRecord[], change: Partial<Chunk> = {}): Chunk {
  const envelope = { ...fromA, viewnum: 2, number: 1_000 + index, transfer: 900 + index };
  return {
    kind: 'chunk',
    ...envelope,
    order: 0,
    position: { viewnum: 2, index },
    total: 1,
    records,
    last: true,
    ...change,
  };
}

const cell = (key: string, value: string, revision: number) =>
  ({ kind: 'cell', key, cell: { value, revision } }) as const;

describe('durability', () => {
  it('of two writes under way, the first one lets out only the answers that waited for it (R9)', async () => {
    const stage = await diskPair();
    for (const value of ['v', 'w']) {
      stage.step('A', put(value, 'k', value));
      stage.step('A', turnEnd);
      stage.deliver(stage.take('A', 'B'));
      stage.step('B', turnEnd);
    }
    expect(stage.unsaved('B')).to.have.lengthOf(2);
    expect(answers(await stage.save('B', 1)), 'after the first write').to.deep.equal(['accepted']);
    expect(answers(await stage.save('B', 1)), 'after the second write').to.deep.equal(['accepted']);
  });

  for (const given of [true, false])
    it(`replaced entries do not count as durable ${given ? 'while' : 'before'} the disk writes (R4, R9)`, () =>
      replaceOnDisk(given));

  /** B replaces a suffix of its log and then becomes primary alone, so only its disk can hold a commit back. */
  async function replaceOnDisk(given: boolean): Promise<void> {
    const stage = await diskPair();
    for (const value of ['v', 'w', 'x']) stage.step('A', put('p', 'k', value));
    stage.step('A', turnEnd);
    stage.deliver(stage.take('A', 'B'));
    await stage.rest(['B']);
    stage.mail.splice(0);
    const third = viewOf(3, 'C', ['B']);
    stage.pinged('B', third);
    await stage.rest(['B']);
    const entries: readonly Entry[] = [{ viewnum: 3, operation: { kind: 'nothing' } }];
    const previous = { viewnum: 2, index: 2 };
    const envelope = { ...senderOf('C'), viewnum: 3, number: 1, view: third };
    const prepare: Prepare = { kind: 'prepare', ...envelope, commit: 1, previous, entries };
    receive(stage, 'B', prepare);
    if (given) stage.step('B', turnEnd);
    expect(stage.unsaved('B'), 'writes that replace the suffix').to.have.lengthOf(given ? 1 : 0);
    // The promise to C runs out.
    stage.now += 300;
    stage.pinged('B', viewOf(4, 'B'));
    stage.step('B', put('q', 'k', 'y'));
    for (let turns = 0; turns < 2; turns++) stage.step('B', turnEnd);
    expect(logOf(stage, 'B').slice(2)).to.deep.equal(['3:nothing', '4:nothing', '4:put:y']);
    const { commitIndex } = stage.replica('B').inspection;
    expect(commitIndex, 'nothing of it is on disk').to.be.at.most(2);
    expect(told(await stage.rest(['B']))).to.deep.equal(['q: {"revision":5}']);
  }

  it('an installed snapshot ends the checkpoint that was under way (R10)', async () => {
    const stage = await diskPair({ limits: { checkpointEntries: 4, pieceCells: 1, chunkUnits: 150 } });
    for (let n = 0; n < 12; n++) stage.step('A', put('p', `former${n}`, 'v'));
    stage.step('A', turnEnd);
    stage.deliver(stage.take('A', 'B'));
    stage.step('B', turnEnd);
    await stage.save('B');
    // The commit index arrives with the next prepare: a checkpoint begins, one cell with each write.
    stage.deliver(stage.take('B', 'A'));
    stage.step('A', turnEnd);
    await stage.save('A');
    stage.step('A', turnEnd);
    stage.now += 60;
    stage.step('A', { kind: 'tick' });
    stage.deliver(stage.take('A', 'B'));
    stage.step('B', turnEnd);
    expect(
      stage.unsaved('B').some(({ data }) => data !== undefined),
      'a checkpoint is under way',
    ).to.equal(true);
    await stage.save('B');
    receive(stage, 'B', chunk(50, [cell('installed', 'i', 40)]));
    await stage.rest(['B']);
    const { machine, meta } = await stage.boot('B', 2);
    expect([...(machine?.cells.ascending() ?? [])].map(([key]) => key)).to.deep.equal(['installed']);
    expect(meta?.applied).to.equal(50);
  });
});

describe('a snapshot for readers', () => {
  it('has a name that no other server and no other run gives, and its pages come from its own server only', () => {
    const stage = pair();
    stage.step('A', put('p', 'k', 'of A'));
    stage.settle();
    const nameOf = (effects: readonly Effect[]) => {
      for (const effect of effects) {
        if ('result' in effect && 'snapshot' in effect.result) return effect.result.snapshot as string;
      }
      throw new Error('no snapshot was opened');
    };
    const first = nameOf([...stage.step('A', openSnapshot), ...stage.settle()]);
    stage.now += 600;
    stage.pinged('B', viewOf(3, 'B'));
    stage.settle(['B']);
    const second = nameOf([...stage.step('B', openSnapshot), ...stage.settle(['B'])]);
    expect(second).not.to.equal(first);
    const page = { kind: 'snapshot-read', requester: 'page', snapshot: first, query: { limit: 10 } } as const;
    expect(told(stage.step('B', page as never))).to.deep.equal(['page: SNAPSHOT_UNKNOWN']);
  });
});

describe('promises and leases', () => {
  it('a release ends the promises to its own incarnation only (L6)', () => {
    const promises = new Promises();
    promises.grant('A#1', 2, 1_000, 200);
    promises.grant('C#1', 3, 1_100, 200);
    promises.release('A#1', 2);
    expect(promises.lastToOthers('B#1')).to.equal(1_350);
    expect(promises.lastToOthers('C#1')).to.equal(-Infinity);
  });

  it('a release that comes late ends no promise of a later view, to which the primary took its leave back (L6)', () => {
    const stage = pair();
    stage.settle();
    stage.pinged('A', viewOf(3, 'A', ['B']));
    stage.pinged('B', viewOf(3, 'A', ['B']));
    stage.settle();
    const { promisedUntil } = stage.replica('B').inspection;
    expect(promisedUntil).to.be.greaterThan(stage.now);
    receive(stage, 'B', { kind: 'release', ...fromA, viewnum: 2, number: 500 });
    expect(stage.replica('B').inspection.promisedUntil).to.equal(promisedUntil);
    receive(stage, 'B', { kind: 'release', ...fromA, viewnum: 3, number: 501 });
    expect(stage.replica('B').inspection.promisedUntil).to.equal(-Infinity);
  });

  it('a server that has released its former primary still waits for its promise to a later one (L2, L6)', () => {
    const stage = pair();
    stage.settle();
    const third = viewOf(3, 'C', ['B']);
    stage.pinged('B', third);
    const envelope = { ...senderOf('C'), viewnum: 3, number: 1, view: third };
    const { commitIndex: index } = stage.replica('B').inspection;
    receive(stage, 'B', { kind: 'prepare', ...envelope, commit: 1, previous: { viewnum: 1, index }, entries: [] });
    const promisedAt = stage.now;
    receive(stage, 'B', { kind: 'release', ...fromA, viewnum: 2, number: 500 });
    stage.pinged('B', viewOf(4, 'B'));
    stage.step('B', put('q', 'k', 'v'));
    for (; stage.now < promisedAt + 250; stage.now += 25) {
      const effects = [...stage.step('B', { kind: 'tick' }), ...stage.settle(['B'])];
      expect(told(effects), `${stage.now - promisedAt} ms after the promise`).to.deep.equal([]);
    }
    expect(told(stage.settle(['B']))).to.deep.equal(['q: {"revision":3}']);
  });

  it('a primary that takes its leave back answers no read under a lease of before (V14, L6)', () => {
    const stage = pair();
    stage.step('A', { kind: 'leave' });
    stage.settle();
    stage.pinged('A', viewOf(2, 'A', ['B']));
    stage.mail.splice(0);
    // B goes on in the next view as a backup that counts; it was released, and may follow another primary by now.
    stage.pinged('A', viewOf(3, 'A', ['B']));
    expect(told([...stage.step('A', get('g', 'k')), ...stage.step('A', turnEnd)])).to.deep.equal([]);
  });

  it('a lease is over when either clock says so (L3)', () => {
    const lease = leaseFrom({ now: 1_000, wall: 50_000 }, 200);
    expect(stands(lease, { now: 1_199, wall: 50_199 })).to.equal(true);
    expect(stands(lease, { now: 1_200, wall: 50_199 }), 'the monotonic clock').to.equal(false);
    expect(stands(lease, { now: 1_199, wall: 50_200 }), 'the wall clock').to.equal(false);
    const other = { now: 1_300, wall: 50_100 };
    expect(earlier(lease, other)).to.deep.equal({ now: 1_200, wall: 50_100 });
    expect(later(lease, other)).to.deep.equal({ now: 1_300, wall: 50_200 });
  });

  it('a primary whose wall clock has jumped past its lease confirms before it answers (L3, L4)', () => {
    const stage = pair();
    stage.settle();
    const step = (wallJumpMs: number) =>
      stage.replica('A').step(get('g', 'k'), { now: stage.now, wall: 1_000_000 + stage.now + wallJumpMs });
    expect(told(step(0)), 'under its lease').to.deep.equal(['g: {"value":null,"revision":1}']);
    expect(told(step(10_000)), 'the machine slept: only the wall clock knows').to.deep.equal([]);
  });
});

describe('a transfer', () => {
  it('of a state older than what was verified since is not installed (R7)', () => {
    const stage = pair();
    for (let n = 0; n < 5; n++) stage.step('A', put('p', `k${n}`, 'v'));
    stage.step('A', turnEnd);
    stage.deliver(stage.take('A', 'B'));
    const { commitIndex, lastIndex } = stage.replica('B').inspection;
    expect(lastIndex, 'verified, and not committed here').to.be.greaterThan(commitIndex + 1);
    const effects = receive(stage, 'B', chunk(commitIndex + 1, [cell('old', 'o', 1)]));
    expect(answers(effects)).to.deep.equal(['unwanted']);
    expect(stage.replica('B').inspection.lastIndex).to.equal(lastIndex);
  });

  it('brings remembered refusals along: a repeat is refused as it was before (R7, S3, S4)', () => {
    const stage = pair({ limits: { retainedEntries: 1, valueUnits: 4 } });
    stage.step('A', { kind: 'write', requester: 'open', operation: { kind: 'openSession', client: 'c' } });
    const opened = stage.settle().find((effect) => effect.kind === 'result' && effect.requester === 'open');
    const { session } = (opened as { result: { session: string } }).result;
    const append = (requester: string) =>
      ({
        kind: 'write',
        requester,
        operation: { kind: 'append', key: 'k', value: 'ab' },
        origin: { session, seq: 1, acked: 0 },
      }) as const;
    stage.step('A', put('p', 'k', 'full'));
    stage.step('A', append('first'));
    expect(told(stage.settle())).to.include('first: TOO_LARGE');
    stage.step('A', put('p', 'k', ''));
    for (let n = 0; n < 20; n++) stage.step('A', put('p', `filler${n}`, 'v'));
    stage.settle(['A', 'B']);
    for (const server of ['A', 'B', 'C']) stage.pinged(server, viewOf(3, 'A', ['B', 'C'], ['C']));
    for (let rounds = 0; rounds < 50 && !stage.replica('C').status().ready; rounds++) {
      stage.now += 30;
      stage.step('A', { kind: 'tick' });
      stage.settle();
    }
    expect(stage.replica('A').status().counters.transfersStarted).to.equal(1);
    expect(stage.replica('C').inspection.fingerprint()).to.equal(stage.replica('A').inspection.fingerprint());
    stage.now += 600;
    stage.pinged('C', viewOf(4, 'C'));
    stage.settle(['C']);
    expect(told([...stage.step('C', append('again')), ...stage.settle(['C'])])).to.deep.equal(['again: TOO_LARGE']);
  });
});

describe('what a server reports', () => {
  it('has no position as long as a cut leaves the log behind what was reported before (V2, R10)', () => {
    const stage = pair();
    // B is primary of view 3 for a moment: its empty entry (3, 2) is never committed.
    stage.pinged('B', viewOf(3, 'B', ['C']));
    stage.step('B', turnEnd);
    stage.mail.splice(0);
    expect(stage.report('B').position).to.deep.equal({ viewnum: 3, index: 2 });
    const fourth = viewOf(4, 'C', ['B']);
    stage.pinged('B', fourth);
    const prepare = (number: number, previous: Prepare['previous'], viewnum: number): Prepare => {
      const entries: readonly Entry[] = [{ viewnum, operation: { kind: 'nothing' } }];
      const envelope = { ...senderOf('C'), viewnum: 4, number };
      return { kind: 'prepare', ...envelope, previous, entries, commit: 1 };
    };
    // C inherited an entry of view 2 in that place.
    expect(answers(receive(stage, 'B', prepare(1, { viewnum: 1, index: 1 }, 2)))).to.deep.equal(['accepted']);
    for (const time of ['once', 'and again']) expect(stage.report('B'), time).not.to.have.property('position');
    receive(stage, 'B', prepare(2, { viewnum: 2, index: 2 }, 4));
    expect(stage.report('B').position).to.deep.equal({ viewnum: 4, index: 3 });
  });

  it('never claims a view that a former run knew and had not fulfilled (V7, R9)', async () => {
    const stage = await diskPair();
    stage.pinged('A', viewOf(3, 'A', ['B', 'C'], ['C']));
    await stage.rest(['A']);
    expect(stage.report('A').viewnum, 'C is not in sync').to.equal(2);
    const { meta } = await stage.boot('A', 2);
    expect(meta?.view.viewnum, 'the view itself is on disk').to.equal(3);
    expect(stage.report('A').viewnum).to.equal(2);
  });
});

describe('sessions', () => {
  it('a failover starts the time of every session anew (S5)', async () => {
    const stage = pair();
    stage.step('A', { kind: 'write', requester: 'open', operation: { kind: 'openSession', client: 'c' } });
    stage.settle();
    const tickFor = (ms: number) => {
      for (const end = stage.now + ms; stage.now < end; ) {
        stage.now += 50;
        stage.step('B', { kind: 'tick' });
        stage.settle(['B']);
      }
    };
    tickFor(59_000);
    stage.pinged('B', viewOf(3, 'B'));
    tickFor(59_000);
    expect(stage.replica('B').status().sessions, '118 s after it was opened, 59 s after the failover').to.equal(1);
    tickFor(8_000);
    expect(stage.replica('B').status().sessions, '67 s after the failover').to.equal(0);
  });
});

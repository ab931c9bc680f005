import { BrokenInvariant } from '@understudy/rpc';
import { expect } from 'chai';
import type { Effect } from '../../../packages/kvservice/src/core/effect.ts';
import { Log } from '../../../packages/kvservice/src/core/log.ts';
import { type Letter, pair, Stage, senderOf, viewOf } from './stage.ts';

const put = (requester: string, key: string, value: string, origin?: { session: string; seq: number; acked: number }) =>
  ({ kind: 'write', requester, operation: { kind: 'put', key, value }, origin }) as const;
const get = (requester: string, key: string) => ({ kind: 'read', requester, query: { kind: 'get', key } }) as const;

/** What clients were told, as `requester: result`. */
function told(effects: readonly Effect[]): string[] {
  const lines: string[] = [];
  for (const effect of effects) {
    if (effect.kind === 'result' && typeof effect.requester === 'string') {
      lines.push(`${effect.requester}: ${JSON.stringify(effect.result)}`);
    }
    if (effect.kind === 'leased' && typeof effect.read.requester === 'string')
      lines.push(`${String(effect.read.requester)}: ${JSON.stringify(effect.result)} under lease`);
    if (effect.kind === 'failure') lines.push(`${String(effect.requester)}: ${effect.failure.name}`);
  }
  return lines;
}

function notices(effects: readonly Effect[]): string[] {
  return effects.flatMap((effect) => (effect.kind === 'notice' ? [effect.notice.kind] : []));
}

function numberOf(letter: Letter | undefined): number {
  if (letter === undefined || !('message' in letter.content)) return expect.fail('a message');
  return letter.content.message.number;
}

/** Lets the primary A bring a backup up to date, and gives the answer by which it counts, undelivered. */
function untilAccepted(stage: Stage, backup: string): Letter {
  for (let rounds = 0; rounds < 100; rounds++) {
    stage.step('A', { kind: 'turn-end' });
    for (const letter of stage.mail.splice(0)) {
      const { content } = letter;
      if (letter.from === backup && 'answer' in content && content.answer.kind === 'accepted') return letter;
      stage.deliver(letter);
    }
  }
  return expect.fail(`${backup} accepts nothing`);
}

describe('replica', () => {
  it('a lone first server serves at the end of the turn in which it heard of view 1 (V1)', () => {
    const stage = new Stage();
    stage.start('A');
    stage.pinged('A', viewOf(1, 'A'));
    stage.step('A', put('p', 'k', 'v'));
    expect(told(stage.settle())).to.deep.equal(['p: {"revision":2}']);
    expect(stage.report('A')).to.include({ viewnum: 1 });
  });

  it('a write is answered only when the backup has prepared it (R4, R5)', () => {
    const stage = pair();
    stage.step('A', put('p', 'k', 'v'));
    expect(told(stage.step('A', { kind: 'turn-end' }))).to.deep.equal([]);
    stage.deliver(stage.take('A', 'B'));
    stage.deliver(stage.take('B', 'A'));
    expect(told(stage.step('A', { kind: 'turn-end' }))).to.deep.equal(['p: {"revision":2}']);
  });

  it('all writes of one turn travel in one prepare', () => {
    const stage = pair();
    for (let count = 0; count < 100; count++) stage.step('A', put(`p${count}`, `k${count}`, 'v'));
    stage.step('A', { kind: 'turn-end' });
    expect(stage.mail).to.have.lengthOf(1);
    expect(told(stage.settle())).to.have.lengthOf(100);
  });

  it('heartbeats go on beside a probe without an answer: a few lost messages in a row are no lost backup (V13)', () => {
    const stage = pair();
    stage.step('A', put('p', 'k', 'v'));
    stage.step('A', { kind: 'turn-end' });
    stage.lose(stage.take('A', 'B'));
    stage.now += 25;
    stage.step('A', { kind: 'tick' });
    const probe = stage.mail.find(({ content }) => 'message' in content && content.message.kind === 'prepare');
    expect(probe, 'the probe').not.to.equal(undefined);
    stage.mail.splice(0);
    for (let heartbeats = 0; heartbeats < 8; heartbeats++) {
      stage.now += 100;
      stage.step('A', { kind: 'tick' });
      stage.settle();
    }
    expect(stage.report('A').lost).to.deep.equal([]);
    // The probe is sent again, and what it brings is made up for.
    stage.step('A', { kind: 'unanswered', to: 'B', number: numberOf(probe) });
    stage.now += 25;
    stage.step('A', put('q', 'k', 'w'));
    expect(told(stage.settle())).to.deep.equal(['p: {"revision":2}', 'q: {"revision":3}']);
  });

  it('a read under the lease sends nothing (L1)', () => {
    const stage = pair();
    stage.step('A', put('p', 'k', 'v'));
    stage.settle();
    expect(told(stage.step('A', get('g', 'k')))).to.deep.equal(['g: {"value":"v","revision":2} under lease']);
    stage.step('A', { kind: 'turn-end' });
    expect(stage.mail).to.deep.equal([]);
  });

  it('a read without a lease is answered only when the backup has confirmed the view (L4)', () => {
    const stage = pair();
    for (let waited = 0; waited < 4; waited++) {
      stage.now += 60;
      stage.step('A', { kind: 'tick' });
      while (stage.mail.length > 0) stage.lose(stage.take('A', 'B'));
    }
    expect(told(stage.step('A', get('g', 'k')))).to.deep.equal([]);
    const effects = stage.settle();
    expect(told(effects)).to.deep.equal(['g: {"value":null,"revision":1}']);
    expect(stage.replica('A').status().counters.readsConfirmed).to.equal(1);
  });

  it('after a silence of its event loop the primary trusts no lease (L3)', () => {
    const stage = pair();
    stage.now += 150;
    expect(told(stage.step('A', get('g', 'k')))).to.deep.equal([]);
    expect(stage.replica('A').status().counters.leasesDropped).to.equal(1);
  });

  it('the backup that takes over waits until its promise has run out (L2), and then serves what was acknowledged', () => {
    const stage = pair();
    stage.step('A', put('p', 'k', 'v'));
    stage.settle();
    stage.pinged('B', viewOf(3, 'B'));
    stage.step('B', get('g', 'k'));
    expect(told(stage.settle(['B']))).to.deep.equal([]);
    expect(stage.report('B').viewnum).to.equal(2);
    stage.now += 249;
    expect(told(stage.settle(['B']))).to.deep.equal([]);
    stage.now += 2;
    expect(told(stage.settle(['B']))).to.deep.equal(['g: {"value":"v","revision":2}']);
    expect(stage.report('B').viewnum).to.equal(3);
  });

  it('the old primary is refused by its former backup, resigns, and tells its clients the truth (R3, R8)', () => {
    const stage = pair();
    stage.pinged('B', viewOf(3, 'B'));
    stage.step('A', put('p', 'k', 'v'));
    stage.step('A', get('g', 'k'));
    const effects = stage.settle();
    expect(told(effects)).to.include('p: OUTCOME_UNKNOWN');
    expect(stage.replica('A').status().role).to.equal('idle');
    expect(stage.replica('A').status().view.viewnum).to.equal(3);
    expect(told(stage.step('A', get('h', 'k')))).to.deep.equal(['h: NOT_PRIMARY']);
  });

  it('a conflicting suffix is cut off when the old primary comes back as backup (R3)', () => {
    const stage = pair();
    stage.step('A', put('lost', 'k', 'never acknowledged'));
    stage.step('A', { kind: 'turn-end' });
    stage.mail.length = 0;
    stage.now += 300;
    stage.pinged('B', viewOf(3, 'B'));
    stage.settle(['B']);
    stage.step('B', put('kept', 'k', 'acknowledged'));
    expect(told(stage.settle(['B']))).to.deep.equal(['kept: {"revision":3}']);
    stage.pinged('B', viewOf(4, 'B', ['A'], ['A']));
    const effects = [...stage.pinged('A', viewOf(4, 'B', ['A'], ['A'])), ...stage.settle()];
    expect(notices(effects)).to.include.members(['suffix-cut', 'synced', 'acknowledged']);
    stage.pinged('A', viewOf(5, 'A'));
    stage.now += 300;
    stage.step('A', get('g', 'k'));
    expect(told(stage.settle(['A']))).to.deep.equal(['g: {"value":"acknowledged","revision":3}']);
  });

  for (const writes of [0, 1, 5]) {
    it(`who holds what an operator gave up never passes for a backup of what went on without it (R3): ${writes} writes later`, () => {
      const stage = pair();
      stage.pinged('A', viewOf(3, 'A'));
      for (let count = 0; count < 3; count++) stage.step('A', put(`p${count}`, 'k', 'only here'));
      expect(told(stage.settle(['A']))).to.have.length(3);
      stage.now += 1_000;
      stage.pinged('B', viewOf(1_003, 'B'));
      stage.settle(['B']);
      for (let count = 0; count < writes; count++) stage.step('B', put(`q${count}`, 'k', 'after'));
      expect(told(stage.settle(['B']))).to.have.length(writes);
      const joined = viewOf(1_004, 'B', ['A'], ['A']);
      stage.pinged('B', joined);
      stage.pinged('A', joined);
      // A single message could be anybody's; that nothing else comes for a whole lease tells the two histories apart.
      expect(notices(stage.settle())).to.include('message-refused');
      const aLeaseLater = () => {
        for (let passed = 0; passed <= 250; passed += 25) {
          stage.now += 25;
          stage.step('B', { kind: 'tick' });
          stage.settle();
        }
      };
      expect(aLeaseLater).to.throw(BrokenInvariant, /^R3: the primary holds everything that is committed here/);
    });
  }

  it('a message that contradicts what is committed is refused, and ends nothing: those before and after it are taken (R3)', () => {
    const stage = pair();
    stage.step('A', put('p', 'k', 'v'));
    stage.settle();
    const previous = { viewnum: 2, index: 1 };
    const sent = { ...senderOf('A'), viewnum: 2, number: 999, previous };
    const message = { kind: 'prepare', ...sent, entries: [], commit: 0 } as const;
    for (let count = 0; count < 20; count++) {
      stage.now += 50;
      const requester = { from: 'mallory', number: 999 };
      const effects = stage.step('B', { kind: 'message', requester, message });
      expect(notices(effects)).to.deep.equal(['message-refused']);
      stage.step('A', put(`p${count}`, 'k', 'w'));
      expect(told(stage.settle())).to.have.lengthOf(1);
    }
  });

  it('an acceptance of more than the message held is refused (R3)', () => {
    const stage = pair();
    stage.step('A', put('p', 'k', 'v'));
    stage.step('A', { kind: 'turn-end' });
    const { content } = stage.take('A', 'B');
    const number = 'message' in content ? content.message.number : 0;
    const effects = stage.step('A', { kind: 'answer', from: 'B', number, answer: { kind: 'accepted', verified: 9 } });
    expect(notices(effects)).to.deep.equal(['message-refused']);
    expect(told(stage.step('A', { kind: 'turn-end' }))).to.deep.equal([]);
    stage.now += 30;
    expect(told([...stage.step('A', { kind: 'tick' }), ...stage.settle()])).to.deep.equal(['p: {"revision":2}']);
  });

  it('what a log has forgotten still tells which entries it cannot have had', () => {
    const log = new Log();
    log.restart({ viewnum: 3, index: 10 });
    log.append({ viewnum: 5, operation: { kind: 'nothing' } });
    const mayHave = (viewnum: number, index: number) => log.mayHave({ viewnum, index });
    expect([mayHave(2, 4), mayHave(3, 4), mayHave(3, 10), mayHave(5, 11)]).to.deep.equal([true, true, true, true]);
    expect([mayHave(4, 4), mayHave(2, 10), mayHave(3, 11), mayHave(5, 12)]).to.deep.equal([false, false, false, false]);
  });

  it('a new backup far behind is brought up to date by a snapshot in bounded chunks (R7), and counts at once', () => {
    const stage = pair({ limits: { retainedEntries: 10, chunkUnits: 2000 } });
    for (let count = 0; count < 300; count++) {
      stage.step('A', put('p', `key${count}`, 'x'.repeat(50)));
      stage.settle(['A', 'B']);
    }
    stage.step('A', put('big', 'big', 'y'.repeat(10_000)));
    stage.settle(['A', 'B']);
    for (const server of ['A', 'B', 'C']) stage.pinged(server, viewOf(3, 'A', ['B', 'C'], ['C']));
    const sizes: number[] = [];
    const effects: Effect[] = [];
    for (let rounds = 0; rounds < 400; rounds++) {
      // Writes go on meanwhile.
      stage.step('A', put(`w${rounds}`, 'busy', String(rounds)));
      effects.push(...stage.step('A', { kind: 'turn-end' }));
      for (const letter of stage.mail) {
        if ('message' in letter.content && letter.content.message.kind === 'chunk') {
          sizes.push(JSON.stringify(letter.content.message).length);
        }
      }
      while (stage.mail.length > 0) {
        const [letter] = stage.mail.splice(0, 1);
        if (letter !== undefined) effects.push(...stage.deliver(letter));
      }
    }
    expect(Math.max(...sizes)).to.be.lessThan(2000 * 6);
    expect(sizes.length).to.be.greaterThan(20);
    expect(notices(effects)).to.include.members(['sync-started', 'sync-progress', 'synced', 'acknowledged']);
    expect(told(effects).filter((line) => line.startsWith('w')).length).to.be.greaterThan(395);
    stage.settle();
    expect(stage.replica('C').status()).to.include({ keys: 302, ready: true });
    expect(stage.replica('C').status().commitIndex).to.be.greaterThan(600);
  });

  it('while a backup catches up, the log is cut in large pieces: a cut moves all that stays (R12)', () => {
    const stage = pair({ limits: { retainedEntries: 10, chunkUnits: 2000, prepareEntries: 8 } });
    for (let count = 0; count < 300; count++) {
      stage.step('A', put('p', `key${count}`, 'x'.repeat(50)));
      stage.settle(['A', 'B']);
    }
    for (const server of ['A', 'B', 'C']) stage.pinged(server, viewOf(3, 'A', ['B', 'C'], ['C']));
    const shares: number[] = [];
    for (let rounds = 0; rounds < 800; rounds++) {
      const { inspection } = stage.replica('A');
      const { base, lastIndex } = inspection;
      stage.step('A', put(`w${rounds}`, 'busy', String(rounds)));
      stage.step('A', { kind: 'turn-end' });
      for (const letter of stage.mail.splice(0)) stage.deliver(letter);
      const cut = inspection.base.index - base.index;
      if (cut > 0) shares.push(cut / (lastIndex - base.index));
    }
    stage.settle();
    expect(stage.replica('C').status()).to.include({ ready: true });
    expect(shares).not.to.deep.equal([]);
    expect(Math.min(...shares)).to.be.greaterThan(0.2);
  });

  it('an interrupted transfer goes on where it was (R7)', () => {
    const stage = pair({ limits: { retainedEntries: 10, chunkUnits: 2000 } });
    for (let count = 0; count < 200; count++) {
      stage.step('A', put('p', `key${count}`, 'x'.repeat(50)));
      stage.settle(['A', 'B']);
    }
    for (const server of ['A', 'B', 'C']) stage.pinged(server, viewOf(3, 'A', ['B', 'C'], ['C']));
    let lost = 0;
    for (let rounds = 0; rounds < 600 && !stage.replica('C').status().ready; rounds++) {
      stage.now += 30;
      stage.step('A', { kind: 'tick' });
      while (stage.mail.length > 0) {
        const [letter] = stage.mail.splice(0, 1);
        if (letter === undefined) break;
        const toC = letter.to === 'C' || letter.from === 'C';
        if (toC && rounds % 3 === 0) {
          lost += 1;
          stage.lose(letter);
        } else stage.deliver(letter);
      }
    }
    expect(lost).to.be.greaterThan(5);
    expect(stage.replica('C').status()).to.include({ keys: 200, ready: true });
    expect(stage.replica('A').status().counters).to.include({ transfersStarted: 1, transfersRestarted: 0 });
  });

  it('while chunks crawl over a slow link, signs of life keep the receiver from passing for lost (V13)', () => {
    const stage = pair({ limits: { retainedEntries: 10, chunkUnits: 2000 } });
    for (let count = 0; count < 200; count++) {
      stage.step('A', put('p', `key${count}`, 'x'.repeat(50)));
      stage.settle(['A', 'B']);
    }
    for (const server of ['A', 'B', 'C']) stage.pinged(server, viewOf(3, 'A', ['B', 'C'], ['C']));
    const isOfChunks = (letter: Letter) => 'message' in letter.content && letter.content.message.kind === 'chunk';
    while (!stage.mail.some(isOfChunks)) {
      stage.step('A', { kind: 'turn-end' });
      for (const letter of stage.mail.splice(0)) stage.deliver(letter);
      stage.step('A', { kind: 'turn-end' });
    }
    const chunks = stage.mail.splice(0).filter(isOfChunks);
    for (let waited = 0; waited < 1_500; waited += 25) {
      stage.now += 25;
      stage.step('A', { kind: 'tick' });
      for (const letter of stage.mail.splice(0)) if (!isOfChunks(letter)) stage.deliver(letter);
      expect(stage.report('A').lost, `after ${waited} ms`).to.deep.equal([]);
    }
    for (const letter of chunks) stage.deliver(letter);
    for (let rounds = 0; rounds < 100 && !stage.replica('C').status().ready; rounds++) {
      stage.step('A', { kind: 'turn-end' });
      for (const letter of stage.mail.splice(0)) stage.deliver(letter);
    }
    expect(stage.replica('C').status()).to.include({ keys: 200, ready: true });
    expect(stage.replica('A').status().counters).to.include({ transfersStarted: 1, transfersRestarted: 0 });
  });

  it('a backup that counts, and then misses what was written meanwhile, is caught up whatever was forgotten since (R4, R7, R12)', () => {
    const stage = pair({ limits: { retainedEntries: 1 } });
    for (let count = 0; count < 20; count++) {
      stage.step('A', put('p', `key${count}`, 'v'));
      stage.settle(['A', 'B']);
    }
    for (const server of ['A', 'B', 'C']) stage.pinged(server, viewOf(3, 'A', ['B', 'C'], ['C']));
    // Its last answer, by which it counts, is on its way while more is committed without it.
    const accepted = untilAccepted(stage, 'C');
    for (let count = 0; count < 5; count++) {
      stage.step('A', put('q', `later${count}`, 'v'));
      stage.settle(['A', 'B']);
    }
    stage.deliver(accepted);
    for (let rounds = 0; rounds < 20; rounds++) {
      stage.now += 30;
      stage.step('A', { kind: 'tick' });
      for (const letter of stage.mail.splice(0)) {
        if (letter.to === 'C' || letter.from === 'C') stage.lose(letter);
        else stage.deliver(letter);
      }
      stage.step('A', put('r', `unanswered${rounds}`, 'v'));
    }
    const effects: Effect[] = [];
    for (let rounds = 0; rounds < 50; rounds++) {
      stage.now += 30;
      effects.push(...stage.step('A', { kind: 'tick' }));
      for (const letter of stage.mail.splice(0)) effects.push(...stage.deliver(letter));
    }
    expect(told(effects)).to.have.lengthOf(20);
    expect(stage.replica('C').status()).to.include({ ready: true, keys: 45 });
  });

  it('a repeated operation is answered from memory, also by the next primary, and never executed again (S3)', () => {
    const stage = pair();
    stage.step('A', { kind: 'write', requester: 'open', operation: { kind: 'openSession', client: 'c' } });
    const opened = stage.settle().find((effect) => effect.kind === 'result' && effect.requester === 'open');
    const { session } = (opened as { result: { session: string } }).result;
    const append = (requester: string) =>
      ({
        kind: 'write',
        requester,
        operation: { kind: 'append', key: 'k', value: 'x' },
        origin: { session, seq: 1, acked: 0 },
      }) as const;
    stage.step('A', append('first'));
    stage.step('A', append('while the first waits'));
    expect(told(stage.settle())).to.deep.equal(['first: {"revision":3}', 'while the first waits: {"revision":3}']);
    stage.now += 300;
    stage.pinged('B', viewOf(3, 'B'));
    stage.step('B', append('at the next primary'));
    expect(told(stage.settle(['B']))).to.deep.equal(['at the next primary: {"revision":3}']);
    stage.step('B', get('g', 'k'));
    expect(told(stage.settle(['B']))).to.deep.equal([]);
    expect(stage.replica('B').status().rememberedResults).to.equal(1);
  });

  it('a blank run does not take the seat of a former one (R8), nor anything before the monitor has heard of it (V2)', () => {
    const stage = pair();
    stage.start('B', 2);
    stage.step('A', put('p', 'k', 'v'));
    expect(told(stage.settle())).to.deep.equal([]);
    stage.pinged('B', viewOf(2, 'A', ['B']));
    expect(stage.replica('B').status().role).to.equal('idle');
    stage.pinged('A', viewOf(3, 'A'));
    expect(told(stage.settle())).to.deep.equal(['p: {"revision":2}']);
  });

  it('a backup that does not answer for deadPings intervals is named to the monitor (V13)', () => {
    const stage = pair();
    for (let waited = 0; waited < 600; waited += 25) {
      stage.now += 25;
      stage.step('A', { kind: 'tick' });
      for (const letter of stage.mail.splice(0)) stage.lose(letter);
    }
    expect(stage.report('A').lost).to.deep.equal(['B']);
  });

  it('a primary that leaves answers what it began, tells the monitor, releases, and sends its clients on (V14, L6)', () => {
    const stage = pair();
    stage.step('A', put('p', 'k', 'v'));
    stage.step('A', { kind: 'leave' });
    expect(told(stage.settle())).to.deep.equal(['p: {"revision":2}']);
    expect(stage.report('A').leaving).to.equal(true);
    expect(told(stage.step('A', put('late', 'k', 'w')))).to.deep.equal([]);
    stage.pinged('A', viewOf(2, 'A', ['B']));
    stage.settle();
    stage.pinged('B', viewOf(3, 'B'));
    stage.step('B', get('g', 'k'));
    expect(told(stage.settle(['B']))).to.deep.equal(['g: {"value":"v","revision":2}']);
    const effects = stage.pinged('A', viewOf(3, 'B'));
    expect(told(effects)).to.deep.equal(['late: NOT_PRIMARY']);
    expect(effects.some((effect) => effect.kind === 'left' && effect.lost === '')).to.equal(true);
  });

  it('minBackups: writes are refused while too few backups count, reads are not (R11)', () => {
    const stage = new Stage({ minBackups: 1 });
    stage.start('A');
    stage.pinged('A', viewOf(1, 'A'));
    stage.settle();
    expect(told(stage.step('A', put('p', 'k', 'v')))).to.deep.equal(['p: NOT_READY']);
    stage.step('A', get('g', 'k'));
    expect(told(stage.step('A', get('g', 'k')))).to.deep.equal(['g: {"value":null,"revision":1}']);
  });

  it('queues are bounded: beyond them OVERLOADED', () => {
    const stage = pair({ limits: { pending: 3 } });
    for (let count = 0; count < 5; count++) stage.step('A', put(`p${count}`, 'k', 'v'));
    expect(told(stage.step('A', put('q', 'k', 'v')))).to.deep.equal(['q: OVERLOADED']);
    expect(told(stage.settle())).to.have.lengthOf(3);
  });

  it('what pending operations have to hash is bounded: all of it may come in one turn', () => {
    const stage = pair({ limits: { pendingHashUnits: 1_000 } });
    const hash = (requester: string, key: string) =>
      ({ kind: 'write', requester, operation: { kind: 'putHash', key, value: 'x' } }) as const;
    for (const key of ['a', 'b', 'c']) stage.step('A', put(key, key, 'v'.repeat(600)));
    stage.settle();
    expect(told(stage.step('A', hash('first', 'a'))), 'one is always taken').to.deep.equal([]);
    expect(told(stage.step('A', hash('second', 'b')))).to.deep.equal(['second: OVERLOADED']);
    expect(told(stage.step('A', hash('short', 'z')))).to.deep.equal([]);
    expect(told(stage.settle())).to.have.lengthOf(2);
    expect(told(stage.step('A', hash('second', 'b'))), 'after those are committed').to.deep.equal([]);
    expect(told(stage.settle())).to.have.lengthOf(1);
  });

  it('fewer scans than other reads may wait: all of them are answered in one step', () => {
    const stage = pair({ limits: { pendingScans: 2 } });
    const scan = (requester: string) =>
      ({ kind: 'read', requester, query: { kind: 'scan', query: { limit: 10 } } }) as const;
    stage.now += 1_000; // no lease stands
    for (const name of ['a', 'b']) expect(told(stage.step('A', scan(name)))).to.deep.equal([]);
    expect(told(stage.step('A', scan('c')))).to.deep.equal(['c: OVERLOADED']);
    expect(told(stage.step('A', get('g', 'k')))).to.deep.equal([]);
    const late = { consistency: 'sequential', atLeast: 1_000 } as const;
    for (const name of ['a', 'b']) expect(told(stage.step('B', { ...scan(name), ...late }))).to.deep.equal([]);
    expect(told(stage.step('B', { ...scan('c'), ...late }))).to.deep.equal(['c: NOT_PRIMARY']);
    expect(told(stage.settle()).map((line) => line.slice(0, 1))).to.have.members(['a', 'b', 'g']);
  });

  it('a linearizable read at a backup asks the primary; a sequential one waits for what its client has seen (L5)', () => {
    const stage = pair();
    stage.step('A', put('p', 'k', 'v'));
    stage.settle();
    stage.step('B', { ...get('linearizable', 'k'), consistency: 'linearizable' });
    stage.step('B', { ...get('sequential', 'k'), consistency: 'sequential', atLeast: 2 });
    stage.now += 60;
    stage.step('A', { kind: 'tick' });
    const effects = stage.settle();
    expect(told(effects)).to.have.members([
      'sequential: {"value":"v","revision":2}',
      'linearizable: {"value":"v","revision":2}',
    ]);
    expect(told(stage.step('B', get('plain', 'k')))).to.deep.equal(['plain: NOT_PRIMARY']);
  });

  for (const server of ['A', 'B'] as const) {
    for (const consistency of ['linearizable', 'sequential', undefined] as const) {
      it(`a read never gets less than it asks for: ${consistency ?? 'plain'}, at ${server} (L5)`, () => {
        const stage = pair();
        stage.step('A', put('p', 'k', 'v'));
        stage.settle();
        const asked = { ...get('ahead', 'k'), consistency, atLeast: 4 };
        const effects = [...stage.step(server, asked), ...stage.settle()];
        for (let waited = 0; waited < 300; waited += 50) {
          stage.now += 50;
          effects.push(...stage.step('A', { kind: 'tick' }), ...stage.step('B', { kind: 'tick' }), ...stage.settle());
        }
        const refusal = server === 'A' ? 'NOT_READY' : 'NOT_PRIMARY';
        expect(told(effects).filter((text) => text.startsWith('ahead'))).to.deep.equal([`ahead: ${refusal}`]);
      });
    }
  }

  it('a read at a backup waits for what it asks for, where that comes in time (L5)', () => {
    const stage = pair();
    stage.step('A', put('p', 'k', 'v'));
    stage.settle();
    stage.step('B', { ...get('ahead', 'k'), consistency: 'linearizable', atLeast: 3 });
    expect(told(stage.settle())).to.deep.equal([]);
    stage.step('A', put('q', 'k', 'w'));
    stage.settle();
    stage.now += 60;
    stage.step('A', { kind: 'tick' });
    expect(told(stage.settle())).to.include('ahead: {"value":"w","revision":3}');
  });

  it('sessions that nobody uses end by an operation in the log (S5)', () => {
    const stage = pair();
    stage.step('A', { kind: 'write', requester: 'open', operation: { kind: 'openSession', client: 'c' } });
    stage.settle();
    expect(stage.replica('B').status().sessions).to.equal(0);
    for (let waited = 0; waited < 70_000; waited += 50) {
      stage.now += 50;
      stage.step('A', { kind: 'tick' });
      stage.settle();
    }
    expect(stage.replica('A').status().sessions).to.equal(0);
    expect(stage.replica('B').status().counters.sessionsExpired).to.equal(1);
  });

  it('a session ends by one entry, however long nothing commits (S5)', () => {
    const stage = pair();
    stage.step('A', { kind: 'write', requester: 'open', operation: { kind: 'openSession', client: 'c' } });
    stage.settle();
    const { lastIndex } = stage.replica('A').inspection;
    for (let waited = 0; waited < 300_000; waited += 50) {
      stage.now += 50;
      stage.step('A', { kind: 'tick' });
      stage.mail.length = 0; // B hears nothing
    }
    expect(stage.replica('A').inspection.lastIndex).to.equal(lastIndex + 1);
  });
});

import { compareUtf8 } from '@understudy/rpc';
import { expect } from 'chai';
import fc from 'fast-check';
import type { Origin } from '../../../packages/kvservice/src/contract.ts';
import { DEFAULT_LIMITS } from '../../../packages/kvservice/src/core/config.ts';
import { fnv1a32 } from '../../../packages/kvservice/src/core/fnv.ts';
import type { Operation } from '../../../packages/kvservice/src/core/operation.ts';
import { Remembered } from '../../../packages/kvservice/src/core/remembered.ts';
import { scan } from '../../../packages/kvservice/src/core/scan.ts';
import { type Session, Sessions } from '../../../packages/kvservice/src/core/sessions.ts';
import { StateMachine } from '../../../packages/kvservice/src/core/state-machine.ts';

/** A state machine and the outcomes of operations given to it one after the other. */
function machineWith(...operations: Operation[]) {
  const machine = new StateMachine({ ...DEFAULT_LIMITS, valueUnits: 100 });
  const outcomes = operations.map((operation, at) => machine.apply(at + 1, { viewnum: 1, operation }, 'cluster'));
  return { machine, outcomes };
}

const result = (value: object) => ({ kind: 'result', result: value });

describe('state machine', () => {
  it('FNV-1a, 32 bits, has the published values', () => {
    expect(fnv1a32('')).to.equal(0x811c9dc5);
    expect(fnv1a32('a')).to.equal(0xe40c292c);
    expect(fnv1a32('foobar')).to.equal(0xbf9cf968);
  });

  it('PutHash("counter", 0..99) ends at 3868028174', () => {
    const { machine } = machineWith(
      ...Array.from(
        { length: 100 },
        (_, count) => ({ kind: 'putHash', key: 'counter', value: String(count) }) as const,
      ),
    );
    expect(machine.get('counter', 100)).to.deep.equal({ value: '3868028174', revision: 100 });
  });

  const table: readonly (readonly [what: string, operations: Operation[], last: object])[] = [
    ['put', [{ kind: 'put', key: 'k', value: 'v' }], { revision: 1 }],
    ['putHash of an absent key', [{ kind: 'putHash', key: 'k', value: 'v' }], { previous: '', revision: 1 }],
    ['append to an absent key', [{ kind: 'append', key: 'k', value: 'v' }], { revision: 1 }],
    ['delete of an absent key', [{ kind: 'delete', key: 'k' }], { deleted: false, revision: 1 }],
    [
      'delete',
      [
        { kind: 'put', key: 'k', value: 'v' },
        { kind: 'delete', key: 'k' },
      ],
      { deleted: true, revision: 2 },
    ],
    [
      'cas that creates',
      [{ kind: 'cas', key: 'k', expected: null, value: 'v' }],
      { swapped: true, revision: 1, current: 'v' },
    ],
    [
      'cas that finds another value',
      [
        { kind: 'put', key: 'k', value: 'v' },
        { kind: 'cas', key: 'k', expected: 'w', value: 'x' },
      ],
      { swapped: false, revision: 1, current: 'v' },
    ],
    [
      'cas that finds nothing',
      [{ kind: 'cas', key: 'k', expected: 'w', value: 'x' }],
      { swapped: false, revision: 1, current: null },
    ],
    [
      'cas that deletes',
      [
        { kind: 'put', key: 'k', value: 'v' },
        { kind: 'cas', key: 'k', expected: 'v', value: null },
      ],
      { swapped: true, revision: 2, current: null },
    ],
    [
      'casRevision that creates',
      [{ kind: 'casRevision', key: 'k', revision: 0, value: 'v' }],
      { swapped: true, revision: 1, current: 'v' },
    ],
    [
      'casRevision that replaces',
      [
        { kind: 'put', key: 'k', value: 'v' },
        { kind: 'casRevision', key: 'k', revision: 1, value: 'w' },
      ],
      { swapped: true, revision: 2, current: 'w' },
    ],
    [
      'casRevision of what was changed and changed back',
      [
        { kind: 'put', key: 'k', value: 'v' },
        { kind: 'put', key: 'k', value: 'w' },
        { kind: 'put', key: 'k', value: 'v' },
        { kind: 'casRevision', key: 'k', revision: 1, value: 'x' },
      ],
      { swapped: false, revision: 3, current: 'v' },
    ],
    [
      'casRevision that finds something',
      [
        { kind: 'put', key: 'k', value: 'v' },
        { kind: 'casRevision', key: 'k', revision: 0, value: 'x' },
      ],
      { swapped: false, revision: 1, current: 'v' },
    ],
    [
      'casRevision that finds nothing',
      [{ kind: 'casRevision', key: 'k', revision: 1, value: 'x' }],
      { swapped: false, revision: 1, current: null },
    ],
    [
      'casRevision that deletes',
      [
        { kind: 'put', key: 'k', value: 'v' },
        { kind: 'casRevision', key: 'k', revision: 1, value: null },
      ],
      { swapped: true, revision: 2, current: null },
    ],
    ['openSession', [{ kind: 'openSession', client: 'c' }], { session: 'cluster:1:1' }],
  ];
  for (const [what, operations, last] of table) {
    it(`${what} gives ${JSON.stringify(last)}`, () => {
      expect(machineWith(...operations).outcomes.at(-1)).to.deep.equal(result(last));
    });
  }

  it('append does not let a value grow over its bound, and changes nothing then', () => {
    const { machine, outcomes } = machineWith(
      { kind: 'append', key: 'k', value: 'x'.repeat(60) },
      { kind: 'append', key: 'k', value: 'x'.repeat(41) },
    );
    expect(outcomes[1]).to.include({ kind: 'refused', failure: 'TOO_LARGE' });
    expect(machine.get('k', 2).value).to.have.lengthOf(60);
  });

  it('__proto__ and constructor are keys like any other', () => {
    const { machine } = machineWith(
      { kind: 'put', key: '__proto__', value: 'p' },
      { kind: 'put', key: 'constructor', value: 'c' },
    );
    expect(machine.get('__proto__', 2).value).to.equal('p');
    expect(machine.get('toString', 2).value).to.equal(null);
    expect(scan(machine.cells, { limit: 10 }).entries.map(({ key }) => key)).to.deep.equal([
      '__proto__',
      'constructor',
    ]);
  });

  it('an absent key is absent as of the position at which it was looked for', () => {
    expect(machineWith().machine.get('k', 7)).to.deep.equal({ value: null, revision: 7 });
  });

  it('scan gives what filtering and sorting all keys by their UTF-8 bytes gives, in both directions, page by page', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', 'b', '\u00e9', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '\u{10ffff}'),
      maxLength: 4,
    });
    const query = fc.record(
      { prefix: text, start: text, end: text, reverse: fc.boolean(), limit: fc.integer({ min: 1, max: 8 }) },
      { requiredKeys: ['limit'] },
    );
    fc.assert(
      fc.property(
        fc.uniqueArray(
          text.filter((key) => key !== ''),
          { maxLength: 30 },
        ),
        query,
        (keys, asked) => {
          const { machine } = machineWith(...keys.map((key) => ({ kind: 'put', key, value: '' }) as const));
          const { prefix = '', start = '', end, reverse = false, limit } = asked;
          const bytes = (key: string) => Buffer.from(key);
          const all = keys
            .filter((key) => key.startsWith(prefix) && Buffer.compare(bytes(key), bytes(start)) >= 0)
            .filter((key) => end === undefined || Buffer.compare(bytes(key), bytes(end)) < 0)
            .sort((a, b) => Buffer.compare(bytes(a), bytes(b)));
          if (reverse) all.reverse();
          const page = scan(machine.cells, asked);
          expect(page.entries.map(({ key }) => key)).to.deep.equal(all.slice(0, limit));
          expect(page.more).to.equal(all.length > limit);
        },
      ),
    );
  });

  it('a page of large values ends early, and says that there is more', () => {
    const machine = new StateMachine({ ...DEFAULT_LIMITS, valueUnits: 400_000 });
    for (const key of ['a', 'b', 'c']) {
      machine.apply(1, { viewnum: 1, operation: { kind: 'put', key, value: 'x'.repeat(400_000) } }, '');
    }
    const page = scan(machine.cells, { limit: 1000 });
    expect([page.entries.map(({ key }) => key), page.more]).to.deep.equal([['a', 'b'], true]);
  });

  it('keys are compared like their UTF-8 bytes', () => {
    const text = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(Math.sign(compareUtf8(a, b))).to.equal(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
  });

  it('a snapshot keeps its moment: keys, sessions and remembered results', () => {
    const machine = new StateMachine({ ...DEFAULT_LIMITS, valueUnits: 100 });
    machine.apply(1, { viewnum: 1, operation: { kind: 'openSession', client: 'c' } }, 'x');
    const origin = (seq: number, acked: number) => ({ session: 'x:1:1', seq, acked });
    const write = (index: number, seq: number, acked: number) =>
      machine.apply(
        index,
        { viewnum: 1, operation: { kind: 'append', key: 'k', value: String(seq) }, origin: origin(seq, acked) },
        'x',
      );
    write(2, 1, 0);
    write(3, 2, 0);
    const moment = machine.snapshot();
    write(4, 3, 2);
    expect([...moment.cells.ascending()]).to.deep.equal([['k', { value: '12', revision: 3 }]]);
    const results = [...moment.sessions.ascending()].map(([id, session]) => [id, [...session.results.keys()]]);
    expect(results).to.deep.equal([['x:1:1', [1, 2]]]);
    expect(moment.remembered).to.equal(2);
    expect(machine.get('k', 4).value).to.equal('123');
    expect([...(machine.sessions.get('x:1:1')?.results.keys() ?? [])]).to.deep.equal([3]);
    expect(machine.sessions.remembered).to.equal(1);
    expect([machine.cells.snapshots, machine.sessions.snapshots]).to.deep.equal([1, 1]);
    moment.release();
    expect([machine.cells.snapshots, machine.sessions.snapshots]).to.deep.equal([0, 0]);
  });

  it('an operation repeated in any way takes effect at most once, and its window stays bounded (S2, S3)', () => {
    const step = fc.record({ seq: fc.integer({ min: 1, max: 12 }), acked: fc.integer({ min: 0, max: 11 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const machine = new StateMachine({ ...DEFAULT_LIMITS, valueUnits: 1000 });
        machine.apply(1, { viewnum: 1, operation: { kind: 'openSession', client: 'c' } }, 'x');
        let index = 1;
        let highest = 0;
        for (const { seq, acked } of steps) {
          if (acked >= seq) continue;
          highest = Math.max(highest, acked);
          index += 1;
          machine.apply(
            index,
            {
              viewnum: 1,
              operation: { kind: 'append', key: 'k', value: `<${seq}>` },
              origin: { session: 'x:1:1', seq, acked },
            },
            'x',
          );
          const kept = [...(machine.sessions.get('x:1:1')?.results.keys() ?? [])];
          expect(kept.every((one) => one > highest)).to.equal(true);
          expect(machine.sessions.remembered).to.equal(kept.length);
        }
        const done = (machine.get('k', index).value ?? '').match(/<\d+>/g) ?? [];
        expect(new Set(done).size).to.equal(done.length);
      }),
    );
  });

  const others: readonly (readonly [what: string, first: Operation, other: Operation])[] = [
    ['another value', { kind: 'put', key: 'k', value: 'v' }, { kind: 'put', key: 'k', value: 'w' }],
    ['another key', { kind: 'delete', key: 'k' }, { kind: 'delete', key: 'j' }],
    ['another kind', { kind: 'put', key: 'k', value: 'v' }, { kind: 'append', key: 'k', value: 'v' }],
    ['another border', { kind: 'put', key: 'k', value: 'vw' }, { kind: 'put', key: 'kv', value: 'w' }],
    [
      'null where a text was',
      { kind: 'cas', key: 'k', expected: '', value: 'v' },
      { kind: 'cas', key: 'k', expected: null, value: 'v' },
    ],
    [
      'another revision',
      { kind: 'casRevision', key: 'k', revision: 1, value: 'v' },
      { kind: 'casRevision', key: 'k', revision: 2, value: 'v' },
    ],
    [
      'one unit of a long value',
      { kind: 'put', key: 'k', value: `${'v'.repeat(3e6)}v${'v'.repeat(3e6)}` },
      { kind: 'put', key: 'k', value: `${'v'.repeat(3e6)}w${'v'.repeat(3e6)}` },
    ],
  ];

  for (const [what, first, other] of others) {
    it(`a seq that was used is refused for another operation, which changes nothing: ${what} (S3)`, () => {
      const machine = new StateMachine({ ...DEFAULT_LIMITS, valueUnits: 1e7 });
      machine.apply(1, { viewnum: 1, operation: { kind: 'openSession', client: 'c' } }, 'x');
      const origin = { session: 'x:1:1', seq: 1, acked: 0 };
      const outcome = machine.apply(2, { viewnum: 1, operation: first, origin }, 'x');
      const before = [...machine.cells.ascending()];
      const refused = machine.apply(3, { viewnum: 1, operation: other, origin }, 'x');
      expect(refused).to.include({ kind: 'refused', failure: 'INVALID_PARAMS', field: 'seq' });
      expect([...machine.cells.ascending()]).to.deep.equal(before);
      expect(machine.apply(4, { viewnum: 1, operation: structuredClone(first), origin }, 'x')).to.deep.equal(outcome);
    });
  }

  it('an outcome that an older version remembered, without a digest, answers any operation of its seq', () => {
    const machine = new StateMachine({ ...DEFAULT_LIMITS, valueUnits: 100 });
    const remembered = new Remembered({ kind: 'result', result: { revision: 2 } }, undefined);
    machine.sessions.put('s', { client: 'c', acked: 0, textAt: 0, results: new Map([[1, remembered]]) });
    const operation = { kind: 'put', key: 'k', value: 'v' } as const;
    const outcome = machine.apply(3, { viewnum: 1, operation, origin: { session: 's', seq: 1, acked: 0 } }, 'x');
    expect(outcome).to.deep.equal(result({ revision: 2 }));
    expect(machine.cells.size).to.equal(0);
  });

  it('operations of unknown and expired sessions are refused, never executed (S5)', () => {
    const { machine, outcomes } = machineWith(
      { kind: 'openSession', client: 'c' },
      { kind: 'expireSession', session: 'cluster:1:1' },
    );
    expect(outcomes[1]).to.deep.equal(result({ closed: true }));
    const origin = { session: 'cluster:1:1', seq: 1, acked: 0 };
    const refused = machine.apply(
      3,
      { viewnum: 1, operation: { kind: 'put', key: 'k', value: 'v' }, origin },
      'cluster',
    );
    expect(refused).to.include({ kind: 'refused', failure: 'SESSION_UNKNOWN' });
    expect(machine.get('k', 3).value).to.equal(null);
  });
});

describe('values in remembered results (S9)', () => {
  const LIMITS = { ...DEFAULT_LIMITS, sessionTextUnits: 10, allTextUnits: 20 };
  const open: Operation = { kind: 'openSession', client: 'c' };
  const fail: Operation = { kind: 'cas', key: 'k', expected: 'other', value: 'x' };

  /** A machine with `count` sessions and the key `k`, and what gives it operations of session `of`, from 0. */
  function stage(count: number, value: string) {
    const machine = new StateMachine(LIMITS);
    let index = 0;
    const apply = (operation: Operation, origin?: Origin) => {
      index += 1;
      return machine.apply(index, { viewnum: 1, operation, ...(origin && { origin }) }, 'c');
    };
    for (let opened = 0; opened < count; opened++) apply(open);
    apply({ kind: 'put', key: 'k', value });
    const send = (of: number, seq: number, operation: Operation, acked = 0) =>
      apply(operation, { session: `c:1:${of + 1}`, seq, acked });
    return { machine, send, apply };
  }

  it('an operation whose result does not fit its session is not executed, and is when the client has confirmed others', () => {
    const { machine, send } = stage(1, 'sixsix');
    const first = send(0, 1, fail);
    expect(first).to.deep.equal(result({ swapped: false, revision: 2, current: 'sixsix' }));
    const hash: Operation = { kind: 'putHash', key: 'k', value: 'v' };
    expect(send(0, 2, hash)).to.deep.include({ kind: 'refused', failure: 'OVERLOADED' });
    expect(machine.get('k', 9).value).to.equal('sixsix');
    expect(send(0, 3, { kind: 'put', key: 'other', value: 'v' })).to.have.property('kind', 'result');
    expect(send(0, 1, fail), 'a repeat').to.deep.equal(first);
    expect(send(0, 2, hash, 1)).to.deep.include(result({ previous: 'sixsix', revision: 7 }));
    expect(machine.sessions.textUnits).to.equal(6);
  });

  it('the first operation that is not confirmed is always executed, else later results kept it out for ever', () => {
    const { send } = stage(1, 'sixsix');
    expect(send(0, 2, fail)).to.have.property('kind', 'result');
    expect(send(0, 3, fail)).to.have.property('failure', 'OVERLOADED');
    expect(send(0, 1, fail)).to.have.property('kind', 'result');
    expect(send(0, 3, fail, 2)).to.have.property('kind', 'result');
  });

  it('one result alone may be longer than the bound', () => {
    const { send } = stage(1, 'longer than ten');
    expect(send(0, 1, fail)).to.have.property('kind', 'result');
    expect(send(0, 2, fail)).to.have.property('failure', 'OVERLOADED');
  });

  it('a session that never confirms takes no more than the bound, however much it sends', () => {
    const { machine, send } = stage(1, 'sixsix');
    for (let seq = 1; seq <= 100; seq++) send(0, seq, fail);
    expect(machine.sessions.textUnits).to.equal(6);
    expect(machine.sessions.remembered).to.equal(1);
  });

  it('a cas that swapped keeps no text, and a repeat is told all the same', () => {
    const { machine, send } = stage(1, 'v');
    const swap: Operation = { kind: 'cas', key: 'k', expected: 'v', value: 'a long value indeed' };
    const told = result({ swapped: true, revision: 3, current: 'a long value indeed' });
    expect(send(0, 1, swap)).to.deep.equal(told);
    expect(machine.sessions.textUnits).to.equal(0);
    expect(send(0, 2, { kind: 'delete', key: 'k' })).to.have.property('kind', 'result');
    expect(send(0, 1, swap)).to.deep.equal(told);
  });

  it('over the bound of all, the sessions whose last such result is the oldest lose them, and a repeat is told so', () => {
    const { machine, send } = stage(4, 'sixsix');
    for (const of of [1, 0, 2]) send(of, 1, fail);
    expect(machine.sessions.textUnits).to.equal(18);
    const last = send(3, 1, fail);
    expect(machine.sessions.textUnits).to.equal(12);
    expect(send(1, 1, fail)).to.deep.include({ kind: 'refused', failure: 'RESULT_DROPPED' });
    expect(send(0, 1, fail)).to.deep.include({ kind: 'refused', failure: 'RESULT_DROPPED' });
    expect(send(2, 1, fail)).to.have.property('kind', 'result');
    expect(send(3, 1, fail)).to.deep.equal(last);
  });

  it('a session that loses its texts still knows the results that hold none', () => {
    const { send } = stage(4, 'sixsix');
    const written = send(1, 2, { kind: 'put', key: 'other', value: 'v' });
    for (const of of [1, 0, 2, 3]) send(of, 1, fail);
    expect(send(1, 1, fail)).to.deep.include({ kind: 'refused', failure: 'RESULT_DROPPED' });
    expect(send(1, 2, { kind: 'put', key: 'other', value: 'v' })).to.deep.equal(written);
  });

  it('a session that ends takes its texts with it', () => {
    const { machine, send, apply } = stage(1, 'sixsix');
    send(0, 1, fail);
    apply({ kind: 'expireSession', session: 'c:1:1' });
    expect(machine.sessions.textUnits).to.equal(0);
  });
});

describe('sessions', () => {
  type Step = { readonly kind: 'open' | 'expire' | 'write' | 'take' | 'snapshot'; readonly of: number };
  const step: fc.Arbitrary<Step> = fc.record({
    kind: fc.constantFrom('open', 'expire', 'write', 'write', 'write', 'take', 'snapshot'),
    of: fc.integer({ min: 1, max: 3 }),
  });

  it('changes that are taken bring a copy up to that moment, and change no more themselves (R9, S4)', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 15 }), fc.array(step, { maxLength: 60 }), (before, steps) => {
        const sessions = new Sessions({ ...DEFAULT_LIMITS, allTextUnits: 12 });
        const seqs = new Map<string, number>();
        let index = 0;
        const taken: { readonly session: Session; readonly text: string }[] = [];
        const copy = new Map<string, string>();
        const take = () => {
          for (const [id, session] of sessions.takeChanges()) {
            copy.delete(id);
            if (session === null) continue;
            copy.set(id, textOf(session));
            taken.push({ session, text: textOf(session) });
          }
          expect([...copy].sort()).to.deep.equal([...sessions.all()].map(([id, session]) => [id, textOf(session)]));
          const whole = new Sessions(DEFAULT_LIMITS);
          for (const [id, session] of sessions.all()) whole.put(id, session);
          expect(sessions.textUnits).to.equal(whole.textUnits);
          expect(sessions.remembered).to.equal(whole.remembered);
        };
        const play = ({ kind, of }: Step, mayTake: boolean) => {
          const id = `s${of}`;
          const seq = (seqs.get(id) ?? 0) + 1;
          const origin = { session: id, seq, acked: Math.max(0, seq - 3) };
          if (kind === 'open') sessions.open(id, 'c');
          else if (kind === 'expire') sessions.expire(id);
          else if (kind === 'snapshot') sessions.snapshot().release();
          else if (kind === 'write') {
            seqs.set(id, seq);
            sessions.acknowledge(origin);
            const operation: Operation = { kind: 'putHash', key: id, value: String(seq) };
            const previous = 'p'.repeat(seq % 5);
            sessions.remember(origin, operation, { kind: 'result', result: { previous, revision: seq } }, ++index);
          } else if (mayTake) take();
        };
        for (const each of before) play(each, false);
        for (const [id, session] of sessions.all()) copy.set(id, textOf(session));
        sessions.trackChanges();
        for (const each of steps) play(each, true);
        take();
        for (const { session, text } of taken) expect(textOf(session)).to.equal(text);
      }),
    );
  });
});

function textOf({ client, acked, results, textAt }: Session): string {
  const remembered = [...results].map(([seq, { outcome, digest }]) => [seq, outcome, digest]);
  return JSON.stringify({ client, acked, textAt, results: remembered });
}

/** Hand-written histories, good and bad, for every operation and every special case. */
import { type CheckVerdict, checkLinearizable, type History, type HistoryEvent } from '@understudy/testkit';
import { expect } from 'chai';
import { fnv1a } from '../../lab/suites/hash.ts';
import { isLinearizable } from './exhaustive.ts';

type Short = Omit<HistoryEvent, 'call' | 'return'> & {
  readonly at: readonly [number, number | null | 'Infinity' | undefined];
};

function history(events: readonly Short[], rest: Omit<History, 'events'> = {}): History {
  return {
    ...rest,
    events: events.map(({ at: [call, end], ...event }) => ({ key: 'x', call, return: end, ...event })),
  };
}

const put = (at: Short['at'], value: string): Short => ({ op: 'put', at, value });
const append = (at: Short['at'], value: string): Short => ({ op: 'append', at, value });
const get = (at: Short['at'], output: unknown): Short => ({ op: 'get', at, output });
const remove = (at: Short['at'], output?: unknown): Short => ({
  op: 'delete',
  at,
  ...(output === undefined ? {} : { output }),
});
const cas = (at: Short['at'], expected: string | null, value: string | null, output?: unknown): Short => ({
  op: 'cas',
  at,
  value: [expected, value],
  ...(output === undefined ? {} : { output }),
});
const putHash = (at: Short['at'], value: string, output?: string): Short => ({
  op: 'putHash',
  at,
  value,
  ...(output === undefined ? {} : { output }),
});

const A = fnv1a('a');
const AB = fnv1a(`${A}b`);

const GOOD: Readonly<Record<string, History>> = {
  'nothing at all': history([]),
  'a key never written is absent': history([get([0, 1], null)]),
  'reads what was put': history([put([0, 1], 'a'), get([2, 3], 'a')]),
  'a read during a put sees either': history([put([0, 9], 'a'), get([1, 2], null), get([3, 4], 'a')]),
  'puts at the same time, in either order': history([put([0, 9], 'a'), put([0, 9], 'b'), get([10, 11], 'a')]),
  'what is called at the moment of a return is at the same time': history([put([0, 5], 'a'), get([5, 6], null)]),
  'intervals without length': history([put([1, 1], 'a'), put([1, 1], 'b'), get([1, 1], 'a'), get([2, 2], 'b')]),
  'appends to nothing': history([append([0, 1], 'a'), append([2, 3], 'b'), get([4, 5], 'ab')]),
  'appends in either order': history([append([0, 5], 'a'), append([0, 5], 'b'), get([6, 7], 'ba')]),
  'deletes what is there, once': history([
    put([0, 1], 'a'),
    remove([2, 3], true),
    remove([4, 5], false),
    get([6, 7], null),
  ]),
  'one of two deletes finds it': history([put([0, 1], 'a'), remove([2, 9], false), remove([2, 9], true)]),
  'a delete that does not tell': history([remove([0, 1]), put([2, 3], 'a'), remove([4, 5]), get([6, 7], null)]),
  'cas swaps what it expects': history([put([0, 1], 'a'), cas([2, 3], 'a', 'b', true), get([4, 5], 'b')]),
  'cas leaves what it does not': history([put([0, 1], 'a'), cas([2, 3], 'z', 'b', false), get([4, 5], 'a')]),
  'cas creates': history([cas([0, 1], null, 'a', true), get([2, 3], 'a'), cas([4, 5], null, 'b', false)]),
  'cas deletes': history([put([0, 1], 'a'), cas([2, 3], 'a', null, true), get([4, 5], null), remove([6, 7], false)]),
  'a cas that does not tell may have swapped': history([put([0, 1], 'a'), cas([2, 3], 'a', 'b'), get([4, 5], 'b')]),
  'a cas that does not tell may find something else': history([
    put([0, 1], 'a'),
    cas([2, 3], 'z', 'b'),
    get([4, 5], 'a'),
  ]),
  'putHash tells what was there': history([putHash([0, 1], 'a', ''), putHash([2, 3], 'b', A), get([4, 5], AB)]),
  'a putHash that does not tell': history([put([0, 1], 'q'), remove([2, 3]), putHash([4, 5], 'a'), get([6, 7], A)]),
  'two unknown hashes in a row': history([putHash([0, null], 'a'), putHash([0, null], 'b'), get([5, 6], AB)]),
  'a hash of what was appended': history([
    put([0, 1], 'q'),
    append([2, 3], 'r'),
    putHash([4, null], 's'),
    get([5, 6], fnv1a('qrs')),
  ]),
  'an unknown put takes effect': history([put([0, null], 'a'), get([5, 6], 'a')]),
  'an unknown put takes effect late': history([put([0, null], 'a'), get([5, 6], null), get([7, 8], 'a')]),
  'an unknown put never takes effect': history([put([0, null], 'a'), get([5, 6], null)]),
  '"Infinity" and nothing mean the same as null': history([
    put([0, 'Infinity'], 'a'),
    append([0, undefined], 'b'),
    get([5, 6], 'ab'),
  ]),
  'the output of an unknown operation means nothing': history([
    { ...get([0, null], 'z') },
    cas([0, null], 'q', 'r', true),
  ]),
  'an unknown delete': history([put([0, 1], 'a'), remove([2, null], true), get([3, 4], 'a'), get([5, 6], null)]),
  'an unknown cas waits for its moment': history([
    cas([0, null], 'a', 'b'),
    put([1, 2], 'a'),
    get([3, 4], 'a'),
    get([5, 6], 'b'),
  ]),
  'of two unknown operations the right one is kept for later': history([
    put([0, null], 'a'),
    cas([0, null], 'b', 'a'),
    put([1, 2], 'b'),
    get([3, 4], 'a'),
    put([5, 6], 'c'),
    get([7, 8], 'c'),
    get([9, 10], 'a'),
  ]),
  'what failed did nothing': history([put([0, 1], 'a'), { ...put([2, 3], 'b'), fail: true }, get([4, 5], 'a')]),
  'a failed read says nothing': history([{ ...get([0, 1], 'z'), fail: true }]),
  'a read without output says nothing': history([put([0, 1], 'a'), { op: 'get', at: [2, 3] }]),
  'the output of a put says nothing': history([{ ...put([0, 1], 'a'), output: { revision: 7 } }, get([2, 3], 'a')]),
  'keys are independent': history([put([0, 1], 'a'), { ...get([2, 3], null), key: 'y' }]),
  'init is what is there at first': history([get([0, 1], '0'), append([2, 3], '1'), get([4, 5], '01')], { init: '0' }),
  'init is what an absent key reads as': history(
    [put([0, 1], 'a'), remove([2, 3], true), get([4, 5], '0'), remove([6, 7], false)],
    { init: '0' },
  ),
  'cas may expect init': history([cas([0, 1], '0', 'a', true), remove([2, 3], true), cas([4, 5], null, 'b', true)], {
    init: '0',
  }),
  'a register has no keys': {
    model: 'register',
    events: [
      { op: 'put', call: 0, return: 1, value: 'a' },
      { op: 'get', call: 2, return: 3, output: 'a' },
    ],
  },
  'numbers are values too': {
    model: 'register',
    init: 0,
    events: [
      { op: 'get', call: 0, return: 1, output: 0 },
      { op: 'cas', call: 2, return: 3, value: [0, 1], output: true },
      { op: 'get', call: 4, return: 5, output: 1 },
    ],
  },
};

const BAD: Readonly<Record<string, History>> = {
  'a value from nowhere': history([get([0, 1], 'a')]),
  'a stale read': history([put([0, 1], 'a'), put([2, 3], 'b'), get([4, 5], 'a')]),
  'a lost write': history([put([0, 1], 'a'), get([2, 3], null)]),
  'reads go back in time': history([put([0, 9], 'a'), get([1, 2], 'a'), get([3, 4], null)]),
  'a read from the future': history([get([0, 1], 'a'), put([2, 3], 'a')]),
  'two readers disagree about the order': history([
    put([0, 9], 'a'),
    put([0, 9], 'b'),
    get([10, 11], 'a'),
    get([12, 13], 'b'),
  ]),
  'an append twice': history([append([0, 1], 'a'), get([2, 3], 'aa')]),
  'an append lost': history([append([0, 1], 'a'), append([2, 3], 'b'), get([4, 5], 'b')]),
  'appends against real time': history([append([0, 1], 'a'), append([2, 3], 'b'), get([4, 5], 'ba')]),
  'an unknown append twice': history([append([0, null], 'a'), get([2, 3], 'aa')]),
  'two deletes of one value': history([put([0, 1], 'a'), remove([2, 9], true), remove([2, 9], true)]),
  'a delete that found nothing in something': history([put([0, 1], 'a'), remove([2, 3], false)]),
  'two cas of one value': history([put([0, 1], 'a'), cas([2, 9], 'a', 'b', true), cas([2, 9], 'a', 'c', true)]),
  'a cas that swapped what was not there': history([put([0, 1], 'a'), cas([2, 3], 'b', 'c', true)]),
  'a cas that should have swapped': history([put([0, 1], 'a'), cas([2, 3], 'a', 'c', false)]),
  'cas creates what is there': history([put([0, 1], 'a'), cas([2, 3], null, 'b', true)]),
  'cas deletes, and it is still there': history([put([0, 1], 'a'), cas([2, 3], 'a', null, true), get([4, 5], 'a')]),
  'a wrong hash': history([putHash([0, 1], 'a', ''), get([2, 3], '1')]),
  'putHash tells of something else': history([put([0, 1], 'q'), putHash([2, 3], 'a', '')]),
  'an unknown hash of what was gone': history([
    put([0, 1], 'q'),
    put([2, 3], 'r'),
    putHash([4, null], 's'),
    get([5, 6], fnv1a('qs')),
  ]),
  'an unknown put before its call': history([get([0, 1], 'a'), put([2, null], 'a')]),
  'an unknown put comes and goes': history([put([0, null], 'a'), get([1, 2], 'a'), get([3, 4], null)]),
  'an unknown put comes twice': history([put([0, null], 'a'), get([1, 2], 'a'), put([3, 4], 'b'), get([5, 6], 'a')]),
  'what failed was done': history([{ ...put([0, 1], 'a'), fail: true }, get([2, 3], 'a')]),
  'null is not what is absent where init is': history([get([0, 1], null)], { init: '0' }),
  'the empty string is not absent': history([get([0, 1], '')]),
  'one key of two': history([put([0, 1], 'a'), get([2, 3], 'a'), { ...get([2, 3], 'a'), key: 'y' }]),
  'a register that forgets': {
    model: 'register',
    events: [
      { op: 'put', call: 0, return: 1, value: 'a' },
      { op: 'get', call: 2, return: 3, output: null },
    ],
  },
  'a number is not its text': {
    model: 'register',
    events: [
      { op: 'put', call: 0, return: 1, value: 1 },
      { op: 'get', call: 2, return: 3, output: '1' },
    ],
  },
};

describe('the checker, on histories written by hand', () => {
  const tables: readonly (readonly [CheckVerdict, Readonly<Record<string, History>>])[] = [
    ['linearizable', GOOD],
    ['violation', BAD],
  ];
  for (const [verdict, table] of tables) {
    for (const [name, written] of Object.entries(table)) {
      it(`${name}: ${verdict}`, () => {
        expect(checkLinearizable(written).verdict).to.equal(verdict);
        expect(isLinearizable(written), 'the exhaustive search').to.equal(verdict === 'linearizable');
      });
    }
  }

  it('counts what it read', () => {
    const { operations, keys, unknown, failed } = checkLinearizable(
      history([
        put([0, 1], 'a'),
        get([2, null], null),
        { ...put([3, 4], 'b'), fail: true },
        { ...get([5, 6], null), key: 'y' },
      ]),
    );
    expect({ operations, keys, unknown, failed }).to.deep.equal({ operations: 4, keys: 2, unknown: 1, failed: 1 });
  });
});

/** What the checker refuses, and when it gives up. */
import { checkLinearizable, type History, HistoryError, type HistoryEvent } from '@understudy/testkit';
import { expect } from 'chai';
import { fnv1a } from '../../lab/suites/hash.ts';

const GOOD = { client: 1, call: 0, return: 1, op: 'put', key: 'x', value: 'a' };

const MALFORMED: readonly (readonly [unknown, string])[] = [
  [7, 'expected an object with "events"'],
  [[], 'expected an object with "events"'],
  [{}, 'events: expected an array'],
  [{ events: {} }, 'events: expected an array'],
  [{ model: 'queue', events: [] }, 'model: expected "kv" or "register"'],
  [{ init: [], events: [] }, 'init: expected a string, number or boolean or null'],
  [{ events: [GOOD, 3] }, 'events[1]: expected an object'],
  [{ events: [{ ...GOOD, key: undefined }] }, 'events[0].key: expected a string'],
  [{ events: [{ ...GOOD, key: 3 }] }, 'events[0].key: expected a string'],
  [{ events: [{ ...GOOD, call: '0' }] }, 'events[0].call: expected a number'],
  [{ events: [{ ...GOOD, call: null }] }, 'events[0].call: expected a number'],
  [{ events: [GOOD, GOOD, { ...GOOD, return: 'soon' }] }, 'events[2].return: expected a number, null or "Infinity"'],
  [{ events: [{ ...GOOD, call: 5 }] }, 'events[0].return: 1 is before the call at 5'],
  [{ events: [{ ...GOOD, op: 'swap' }] }, 'events[0].op: expected one of get, put, append, delete, cas, putHash'],
  [{ events: [{ ...GOOD, value: undefined }] }, 'events[0].value: expected a string, number or boolean'],
  [{ events: [{ ...GOOD, op: 'append', value: 3 }] }, 'events[0].value: expected a string'],
  [
    { events: [{ ...GOOD, op: 'cas', value: 'a' }] },
    'events[0].value: expected [old, new], each a string, number, boolean or null',
  ],
  [
    { events: [{ ...GOOD, op: 'cas', value: ['a'] }] },
    'events[0].value: expected [old, new], each a string, number, boolean or null',
  ],
  [{ events: [{ ...GOOD, op: 'cas', value: ['a', 'b'], output: 'yes' }] }, 'events[0].output: expected true or false'],
  [{ events: [{ ...GOOD, op: 'delete', output: 1 }] }, 'events[0].output: expected true or false'],
  [{ events: [{ ...GOOD, op: 'get', output: {} }] }, 'events[0].output: expected a string, number or boolean or null'],
  [{ events: [{ ...GOOD, op: 'putHash', output: 3 }] }, 'events[0].output: expected a string'],
  [{ events: [{ ...GOOD, fail: 'yes' }] }, 'events[0].fail: expected true or false'],
];

/** Everybody swaps something for something else, at once, and nobody knows what is seen in the end: it is `impossible`. */
function tangle(clients: number): readonly HistoryEvent[] {
  const letter = (number: number) => `v${number % clients}`;
  const swaps = Array.from({ length: clients }, (_, client): HistoryEvent[] => [
    { client, call: 0, return: 1_000 + client, op: 'put', key: 'x', value: letter(client) },
    {
      client,
      call: 0,
      return: 2_000 + client,
      op: 'cas',
      key: 'x',
      value: [letter(client * 5), letter(client * 7 + 3)],
    },
    { client, call: 0, return: 3_000 + client, op: 'append', key: 'x', value: letter(client) },
  ]).flat();
  const seen = Array.from({ length: clients }, (_, client) => letter(client)).join('');
  return [
    ...swaps,
    { call: 9_000, return: 9_001, op: 'get', key: 'x', output: `${seen}!` },
    { call: 9_000, return: 9_001, op: 'get', key: 'x', output: seen },
  ];
}

/**
 * Hashes at once that tell nothing of what they saw. A read that comes after all of them shows their order: the last
 * one tried.
 */
function scramble(key: string, hashes: number): readonly HistoryEvent[] {
  const letters = Array.from({ length: hashes }, (_, at) => String.fromCharCode(97 + at));
  return [
    ...letters.map((value, at): HistoryEvent => ({ call: 0, return: 1_000 + at, op: 'putHash', key, value })),
    {
      call: 2_000,
      return: 2_001,
      op: 'get',
      key,
      output: letters.reduceRight((before, value) => fnv1a(before + value), ''),
    },
  ];
}

/** One after the other. */
function queue(key: string, puts: number): readonly HistoryEvent[] {
  return Array.from({ length: puts }, (_, at) => ({ call: at, return: at + 0.5, op: 'put', key, value: `${at}` }));
}

describe('the limits of the checker', () => {
  for (const [history, message] of MALFORMED) {
    it(`refuses ${JSON.stringify(history)}: ${message}`, () => {
      expect(() => checkLinearizable(history as History))
        .to.throw(HistoryError)
        .with.property('message', message);
    });
  }

  it('says that it is undecided when its budget of steps is used up, and for which key', () => {
    const events = [...tangle(10), { call: 0, return: 1, op: 'get', key: 'y', output: null } as const];
    const { verdict, undecided, steps, violation } = checkLinearizable({ events }, { budget: { steps: 2_000 } });
    expect({ verdict, undecided, violation }).to.deep.equal({
      verdict: 'undecided',
      undecided: ['x'],
      violation: undefined,
    });
    expect(steps).to.be.within(1_900, 3_000);
  });

  it('says the same when it may not remember more', () => {
    expect(checkLinearizable({ events: tangle(10) }, { budget: { states: 1_000 } }).verdict).to.equal('undecided');
  });

  it('gives what other keys have left to one that had too little, however small it is', () => {
    const steps = checkLinearizable({ events: scramble('hard', 8) }).steps;
    const easy = Array.from({ length: 20 }, (_, at) => queue(`easy ${at}`, 10)).flat();
    const events = [...scramble('hard', 8), ...easy];
    const { verdict, undecided } = checkLinearizable({ events }, { budget: { steps: 2 * steps } });
    expect([verdict, undecided]).to.deep.equal(['linearizable', []]);
  });

  it('spends no more than its budget, by much, on keys that stay undecided', () => {
    const events = [8, 9, 10].flatMap((hashes) => scramble(`${hashes}`, hashes));
    const { undecided, outOfStates, steps } = checkLinearizable({ events }, { budget: { steps: 1_200 } });
    expect([undecided, outOfStates]).to.deep.equal([['8', '9', '10'], []]);
    expect(steps).to.be.within(600, 1_500);
  });

  it('tells a want of steps from a want of room', () => {
    const events = [...scramble('small', 4), ...scramble('large', 8)];
    const { undecided, outOfStates } = checkLinearizable({ events }, { budget: { states: 100 } });
    expect([undecided, outOfStates]).to.deep.equal([['large'], ['large']]);
  });

  it('still finds a violation of another key', () => {
    const events = [...tangle(10), { call: 0, return: 1, op: 'get', key: 'y', output: 'z' } as const];
    const { verdict, violation } = checkLinearizable({ events }, { budget: { steps: 2_000 } });
    expect([verdict, violation?.key]).to.deep.equal(['violation', 'y']);
  });
});

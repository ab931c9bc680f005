/** What holds of all histories: made from a real execution they are good; with one output that cannot be, they are bad. */
import { checkLinearizable, type History, type HistoryEvent, type Scalar } from '@understudy/testkit';
import { expect } from 'chai';
import fc from 'fast-check';
import { type HistoryShape, longHistory, withStaleRead } from '../../../bench/support/history.ts';
import { isLinearizable } from './exhaustive.ts';
import { randomHistory } from './random-history.ts';

const shape = fc.record({
  seed: fc.integer({ min: 1, max: 1_000_000 }),
  operations: fc.integer({ min: 1, max: 150 }),
  keys: fc.integer({ min: 1, max: 5 }),
  clients: fc.integer({ min: 1, max: 12 }),
  unknown: fc.constantFrom(0, 0.01, 0.1),
  mix: fc.constantFrom(
    { get: 8, put: 4, append: 3, cas: 3, delete: 1, putHash: 1 },
    { get: 1, put: 1 },
    { get: 1, append: 2 },
    { get: 2, cas: 2, delete: 1 },
    { get: 2, putHash: 1, put: 1 },
  ),
  values: fc.constantFrom('unique' as const, 3),
});

/** As many operations as the checker always has steps enough for; of longer histories that are not linearizable some take more. */
const few = ({ operations, ...rest }: HistoryShape): HistoryShape => ({
  ...rest,
  operations: Math.min(operations, 100),
});

/** With the first known read at or after `from` changed; undefined where there is none. */
function withOutput({ events }: History, from: number, output: Scalar): History | undefined {
  const at = events.findIndex(({ op, return: end }, index) => index >= from && op === 'get' && typeof end === 'number');
  const event = events[at];
  return event === undefined ? undefined : { events: events.with(at, { ...event, output }) };
}

describe('the checker, on random histories', () => {
  it('finds every real execution linearizable', () => {
    fc.assert(
      fc.property(shape, (given) => checkLinearizable(longHistory(given)).verdict === 'linearizable'),
      { numRuns: 150 },
    );
  });

  it('finds a value that nobody wrote', () => {
    fc.assert(
      fc.property(shape, fc.nat(100), (given, from) => {
        const bad = withOutput(longHistory(few(given)), from, 'from nowhere');
        return bad === undefined || checkLinearizable(bad).verdict === 'violation';
      }),
      { numRuns: 60 },
    );
  });

  it('does not mind the order of events, nor the unit and the origin of time', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), fc.integer({ min: -1e6, max: 1e6 }), (seed, origin) => {
        const { events, ...rest } = randomHistory(seed);
        const moved = (time: number) => time * 0.5 + origin;
        const others = events.toReversed().map((event) => ({
          ...event,
          call: moved(event.call),
          return: typeof event.return === 'number' ? moved(event.return) : event.return,
        }));
        return (
          checkLinearizable({ ...rest, events: others }).verdict === checkLinearizable({ ...rest, events }).verdict
        );
      }),
      { numRuns: 200 },
    );
  });

  it('is not confused by more knowledge of a good history: what is forgotten leaves it good', () => {
    fc.assert(
      fc.property(shape, fc.array(fc.nat(299), { maxLength: 5 }), (given, forgotten) => {
        const { events } = longHistory(few(given));
        const fewer = events.map(
          (event, at): HistoryEvent => (forgotten.includes(at) ? { ...event, return: null } : event),
        );
        return checkLinearizable({ events: fewer }).verdict === 'linearizable';
      }),
      { numRuns: 60 },
    );
  });
});

describe('what the checker shows of a violation', () => {
  it('is a violation by itself, by the definition, and made of events of the history', () => {
    let seen = 0;
    for (let seed = 1; seed <= 400; seed++) {
      const history = randomHistory(seed);
      const { violation } = checkLinearizable(history);
      if (violation === undefined) continue;
      seen += 1;
      const events = violation.events.map(({ index, ...event }) => {
        expect(event).to.deep.equal(history.events[index]);
        return event;
      });
      expect(isLinearizable({ ...history, events }), `seed ${seed}: ${violation.text}`).to.equal(false);
      expect(violation.minimal).to.equal(true);
      expect(violation.events.map(({ index }) => index)).to.include(violation.impossible);
    }
    expect(seen).to.be.above(80);
  });

  it('is a contradiction whatever the others did: none of them makes it good again', () => {
    for (let seed = 1; seed <= 400; seed++) {
      const history = randomHistory(seed);
      const { violation } = checkLinearizable(history);
      if (violation === undefined) continue;
      const shown = new Set(violation.events.map(({ index }) => index));
      const { from, key } = violation;
      const weaker = history.events.flatMap((event, index): readonly HistoryEvent[] => {
        if (shown.has(index)) return [event];
        const didNothing =
          event.fail === true || ((event.op === 'cas' || event.op === 'delete') && event.output === false);
        const isOver = from !== null && typeof event.return === 'number' && event.return < from;
        return isOver || didNothing || (history.model !== 'register' && event.key !== key)
          ? []
          : [{ ...event, return: null }];
      });
      expect(isLinearizable({ ...history, events: weaker }), `seed ${seed}: ${violation.text}`).to.equal(false);
    }
  });

  it('names outputs that would have been possible', () => {
    let tried = 0;
    for (let seed = 1; seed <= 400; seed++) {
      const history = randomHistory(seed);
      const { violation } = checkLinearizable(history);
      const end = history.events[violation?.impossible ?? -1]?.return;
      for (const output of violation?.possible ?? []) {
        tried += 1;
        const events = history.events.flatMap((event, index): readonly HistoryEvent[] => {
          if (event.call > Number(end) || (history.model !== 'register' && event.key !== violation?.key)) return [];
          if (index === violation?.impossible) return [{ ...event, output }];
          return [typeof event.return === 'number' && event.return > Number(end) ? { ...event, return: null } : event];
        });
        const verdict = checkLinearizable({
          ...history,
          events: events.filter(({ return: at }) => at !== end || at === undefined),
        });
        expect(verdict.verdict === 'linearizable' || isLinearizable({ ...history, events }), `seed ${seed}`).to.equal(
          true,
        );
      }
    }
    expect(tried).to.be.above(80);
  });

  it('is short, of a long history with a stale read', () => {
    const mix = { get: 8, put: 4, append: 3, cas: 3, delete: 1 };
    for (const seed of [1, 2, 3]) {
      const good = longHistory({ seed, operations: 2_000, keys: 4, clients: 10, unknown: 0.01, mix, values: 'unique' });
      const { verdict, violation } = checkLinearizable(withStaleRead(good, 0.6, 5));
      expect(verdict).to.equal('violation');
      expect(violation?.events.length).to.be.within(1, 6);
    }
  });

  it('can be read', () => {
    const events: HistoryEvent[] = [
      { client: 'a', call: 0, return: 10, op: 'put', key: 'x', value: '1' },
      { client: 'b', call: 12, return: 20.12345, op: 'put', key: 'x', value: '2' },
      { client: 'a', call: 15, return: 30, op: 'get', key: 'x', output: '2' },
      { client: 'c', call: 31, return: 40, op: 'get', key: 'x', output: '1' },
      { client: 'c', call: 50, return: 60, op: 'get', key: 'x', output: '2' },
    ];
    expect(checkLinearizable({ events }).violation?.text.split('\n')).to.deep.equal([
      'key "x", whatever it held at 15: these 2 operations contradict each other',
      '  [2]  client a  get -> "2"  |-|      15 to 30',
      '  [3]  client c  get -> "1"      |-|  31 to 40   <- impossible',
      '  [3] could have given "2" (perhaps others), but not "1"',
      '  The 2 other operations of the key until then cannot explain it: what had returned by 15 is over, and to let the rest take effect at any time after the call, or never, does not help',
    ]);
  });

  it('shows where long values differ that look alike when they are cut, and no client as it stands that a terminal would obey', () => {
    const numbers = Array.from({ length: 100 }, (_, at) => `${at},`);
    const events: HistoryEvent[] = numbers.map((value, at) => ({
      call: at,
      return: at + 0.5,
      op: 'append',
      key: 'x',
      value,
    }));
    const output = numbers.filter((_, at) => at !== 77).join('');
    events.push({ client: '\u001b[31m', call: 200, return: 201, op: 'get', key: 'x', output });
    const { text = '' } = checkLinearizable({ events }).violation ?? {};
    expect(text).to.include('client "\\u001b[31m"  get -> "0,1,');
    expect(text).to.include(
      '  from character 210 on it gave "3,74,75,76,78,79,80,81,8", and could have given "3,74,75,76,77,78,79,80,8"',
    );
  });
});

import { FAILURES, type FailureName, UnderstudyError } from '@understudy/rpc';
import { SeededRandom } from '@understudy/testkit';
import { expect } from 'chai';
import { jittered, pauseAfter, type Verdict, verdictOn } from '../../packages/kvservice/src/client/retry-policy.ts';

const TABLE: readonly (readonly [FailureName, Verdict])[] = [
  ['PARSE_ERROR', 'final'],
  ['INVALID_REQUEST', 'final'],
  ['METHOD_NOT_FOUND', 'final'],
  ['INVALID_PARAMS', 'final'],
  ['TOO_LARGE', 'final'],
  ['INVALID_VALUE', 'final'],
  ['INTERNAL_ERROR', 'final'],
  ['RESULT_DROPPED', 'final'],
  ['SNAPSHOT_UNKNOWN', 'final'],
  ['KEY_NOT_FOUND', 'final'],
  ['PRECONDITION_FAILED', 'final'],
  ['NO_SPACE', 'final'],
  ['STORE_FOREIGN', 'final'],
  ['CLOSED', 'final'],
  ['STORE_IN_USE', 'final'],
  ['STORE_DAMAGED', 'final'],
  ['STORE_FAILED', 'final'],
  ['NOT_PRIMARY', 'ask'],
  ['NOT_READY', 'ask'],
  ['STALE_VIEW', 'ask'],
  ['RECOVERING', 'ask'],
  ['CONFLICTING_SERVER', 'ask'],
  ['OUTCOME_UNKNOWN', 'ask'],
  ['UNREACHABLE', 'ask'],
  ['CONNECTION_LOST', 'ask'],
  ['TIMEOUT', 'ask'],
  ['ABORTED', 'ask'],
  ['OVERLOADED', 'pause'],
  ['SESSION_UNKNOWN', 'session'],
];

describe('client: what follows on a failure', () => {
  for (const [name, verdict] of TABLE) {
    it(`${name}: ${verdict}`, () => expect(verdictOn(new UnderstudyError(name, ''))).to.equal(verdict));
  }

  it('the table leaves no failure out', () => {
    expect(TABLE.map(([name]) => name)).to.have.members(Object.keys(FAILURES));
  });

  for (const name of ['PARSE_ERROR', 'INVALID_REQUEST'] as const) {
    it(`${name} that is no word of the server, but an answer without sense: ask`, () =>
      expect(verdictOn(new UnderstudyError(name, '', { definite: false }))).to.equal('ask'));
  }

  it('waits from half of what is due to all of it (C2)', () => {
    const random = new SeededRandom(7);
    const waits = Array.from({ length: 1_000 }, () => jittered(100, random));
    expect(Math.min(...waits)).to.be.within(50, 52);
    expect(Math.max(...waits)).to.be.within(99, 100);
  });

  it('leaves an overloaded server alone for as long as it said, or half as much more', () => {
    const random = new SeededRandom(7);
    const overloaded = (data: object) => new UnderstudyError('OVERLOADED', '', { data: { ...data } });
    const pauses = (data: object) => Array.from({ length: 1_000 }, () => pauseAfter(overloaded(data), 100, random));
    for (const [data, ms] of [
      [{ retryAfterMs: 40 }, 40],
      [{}, 100],
      [{ retryAfterMs: 'soon' }, 100],
      [{ retryAfterMs: -1 }, 100],
      [{ retryAfterMs: Number.NaN }, 100],
      [{ retryAfterMs: 1e9 }, 10_000],
    ] as const) {
      expect(Math.min(...pauses(data)), JSON.stringify(data)).to.be.within(ms, ms * 1.01);
      expect(Math.max(...pauses(data)), JSON.stringify(data)).to.be.within(ms * 1.49, ms * 1.5);
    }
  });
});

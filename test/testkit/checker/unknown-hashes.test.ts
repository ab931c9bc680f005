/** Long histories with many `putHash` of unknown outcome. */
import { checkLinearizable } from '@understudy/testkit';
import { expect } from 'chai';
import fc from 'fast-check';
import { numberedHistory } from '../../../bench/support/unknown-hashes.ts';
import { sumBefore, sumOf, sumOfDecimal } from '../../../packages/testkit/src/checker/fnv-stream.ts';
import { fnv1a } from '../../lab/suites/hash.ts';

/** Real executions that came out undecided while the search kept either all values or only those that somebody saw. */
const HARD = [8, 18, 20];

describe('the checker, on long histories with many putHash of unknown outcome', () => {
  for (const number of HARD) {
    it(`finds the real execution ${number} linearizable`, () => {
      const { history, isGood } = numberedHistory(number);
      expect(isGood).to.equal(true);
      expect(checkLinearizable(history).verdict).to.equal('linearizable');
    });
  }

  it('finds a wrong read in the middle, without going through every way to get there', () => {
    const { history, isGood } = numberedHistory(17);
    expect(isGood).to.equal(false);
    const { verdict, steps } = checkLinearizable(history);
    expect(verdict).to.equal('violation');
    expect(steps).to.be.below(500_000);
  });

  it('finds what nobody could have made of what there was', () => {
    const { history } = numberedHistory(18);
    const at = history.events.findIndex(({ op, return: end }, index) => index > 2_000 && op === 'get' && end !== null);
    const events = history.events.with(at, {
      ...history.events[at],
      output: 'from nowhere',
    } as (typeof history.events)[0]);
    expect(checkLinearizable({ events }).verdict).to.equal('violation');
  });
});

describe('the sums of a hash', () => {
  const bytes = fc.string({ unit: 'binary', maxLength: 20 }).map((text) => new TextEncoder().encode(text));

  it('are those of the hash itself, and can be undone', () => {
    fc.assert(
      fc.property(bytes, bytes, (one, other) => {
        const sum = sumOf(other, sumOf(one));
        const whole = new TextDecoder().decode(new Uint8Array([...one, ...other]));
        return String(sum >>> 0) === fnv1a(whole) && sumBefore(other, sum) === sumOf(one);
      }),
    );
  });

  it('are the same of a number and of its decimal form', () => {
    fc.assert(
      fc.property(fc.oneof(fc.nat(1_000), fc.integer({ min: 0, max: 0xffffffff })), (number) => {
        return sumOfDecimal(number | 0) === sumOf(new TextEncoder().encode(String(number)));
      }),
    );
  });
});

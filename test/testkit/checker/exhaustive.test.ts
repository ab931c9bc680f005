/** The checker against the definition, on random small histories. */
import { checkLinearizable, type History } from '@understudy/testkit';
import { expect } from 'chai';
import { isLinearizable } from './exhaustive.ts';
import { randomHashes, randomHistory } from './random-history.ts';

const HISTORIES = Number(process.env.CHECKER_HISTORIES ?? 1_000);

/** Gives the share of them that is linearizable. */
function agreesOn(historyOf: (seed: number) => History): number {
  let good = 0;
  for (let seed = 1; seed <= HISTORIES; seed++) {
    const history = historyOf(seed);
    const expected = isLinearizable(history);
    if (expected) good += 1;
    const { verdict } = checkLinearizable(history);
    expect(verdict, `seed ${seed}: ${JSON.stringify(history)}`).to.equal(expected ? 'linearizable' : 'violation');
  }
  return good / HISTORIES;
}

describe('the checker, against an exhaustive search', () => {
  it('agrees where an append of unknown outcome spares the key a cas that tells nothing', () => {
    expect(checkLinearizable(randomHistory(6_583)).verdict).to.equal('linearizable');
  });

  it(`agrees on ${HISTORIES} random histories, of which a good part is linearizable and a good part is not`, () => {
    expect(agreesOn(randomHistory)).to.be.within(0.2, 0.8);
  });

  it(`agrees on ${HISTORIES} random histories of many putHash whose outcome is unknown`, () => {
    expect(agreesOn(randomHashes)).to.be.within(0.2, 0.9);
  });
});

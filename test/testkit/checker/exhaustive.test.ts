/** The checker against the definition, on random small histories. */
import { checkLinearizable } from '@understudy/testkit';
import { expect } from 'chai';
import { isLinearizable } from './exhaustive.ts';
import { randomHashes, randomHistory } from './random-history.ts';

const HISTORIES = Number(process.env.CHECKER_HISTORIES ?? 1_000);

describe('the checker, against an exhaustive search', () => {
  it(`agrees on ${HISTORIES} random histories, of which a good part is linearizable and a good part is not`, () => {
    let good = 0;
    for (let seed = 1; seed <= HISTORIES; seed++) {
      const history = randomHistory(seed);
      const expected = isLinearizable(history);
      if (expected) good += 1;
      const { verdict } = checkLinearizable(history);
      expect(verdict, `seed ${seed}: ${JSON.stringify(history)}`).to.equal(expected ? 'linearizable' : 'violation');
    }
    expect(good / HISTORIES).to.be.within(0.2, 0.8);

    it(`agrees on ${HISTORIES} random histories of many putHash whose outcome is unknown`, () => {
      let good = 0;
      for (let seed = 1; seed <= HISTORIES; seed++) {
        const history = randomHashes(seed);
        const expected = isLinearizable(history);
        if (expected) good += 1;
        const { verdict } = checkLinearizable(history);
        expect(verdict, `seed ${seed}: ${JSON.stringify(history)}`).to.equal(expected ? 'linearizable' : 'violation');
      }
      expect(good / HISTORIES).to.be.within(0.2, 0.8);
    });
  });

  it(`agrees on ${HISTORIES} random histories of many putHash whose outcome is unknown`, () => {
    let good = 0;
    for (let seed = 1; seed <= HISTORIES; seed++) {
      const history = randomHashes(seed);
      const expected = isLinearizable(history);
      if (expected) good += 1;
      const { verdict } = checkLinearizable(history);
      expect(verdict, `seed ${seed}: ${JSON.stringify(history)}`).to.equal(expected ? 'linearizable' : 'violation');
    }
    expect(good / HISTORIES).to.be.within(0.2, 0.9);
  });
});

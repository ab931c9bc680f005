import { simulate } from '@understudy/testkit';
import { expect } from 'chai';
import { PINNED } from './pinned.ts';

describe('pinned seeds', () => {
  for (const { showed, ...options } of PINNED) {
    it(`seed ${options.seed}: ${showed}`, async () => {
      // Pinned before runs had shapes, unless an entry names one.
      const { violations } = await simulate({ shape: 'usual', ...options });
      expect(violations.map(({ property, message }) => `${property}: ${message}`)).to.deep.equal([]);
    });
  }
});

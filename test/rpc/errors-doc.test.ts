/** docs/ERRORS.md and the list of failures say the same. */
import { FAILURES } from '@understudy/rpc';
import { expect } from 'chai';
import { documentedFailures } from './support/errors-doc.ts';

describe('docs/ERRORS.md', () => {
  it('lists every failure with its code and whether it is definite, and nothing else', () => {
    const documented = Object.fromEntries(documentedFailures());
    const real = Object.fromEntries(
      Object.entries(FAILURES).map(([name, { code, definite }]) => [name, { code, definite }]),
    );
    expect(documented).to.deep.equal(real);
  });

  it('gives no code to two failures', () => {
    const codes = Object.values(FAILURES).map(({ code }) => code);
    expect(new Set(codes).size).to.equal(codes.length);
  });
});

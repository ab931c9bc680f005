/** docs/ERRORS.md and the list of failures say the same. */
import { FAILURES, type FailureName, UnderstudyError, visitPage } from '@understudy/rpc';
import { expect } from 'chai';
import { documentedFailures, documentedStatuses } from './support/errors-doc.ts';

describe('docs/ERRORS.md', () => {
  it('lists every failure with its code and whether it is definite, and nothing else', () => {
    const documented = Object.fromEntries(documentedFailures());
    const real = Object.fromEntries(
      Object.entries(FAILURES).map(([name, { code, definite }]) => [name, { code, definite }]),
    );
    expect(documented).to.deep.equal(real);
  });

  it('gives every failure the HTTP status that a page answers it with', async () => {
    const names = Object.keys(FAILURES) as FailureName[];
    const answers = names.map(async (name) => {
      const page = () => {
        throw new UnderstudyError(name, 'refused');
      };
      const visit = { method: 'GET', target: '/', headers: {}, body: '', signal: new AbortController().signal };
      return [name, (await visitPage({ '/': page }, visit))?.status];
    });
    expect(documentedStatuses()).to.deep.equal(Object.fromEntries(await Promise.all(answers)));
  });

  it('gives no code to two failures', () => {
    const codes = Object.values(FAILURES).map(({ code }) => code);
    expect(new Set(codes).size).to.equal(codes.length);
  });
});

/** Conditions of a request against the revision of a key (RFC 9110, section 13). */
import { UnderstudyError } from '@understudy/rpc';
import { expect } from 'chai';
import { conditionsOf, onlyRevision, unmet } from '../../../packages/kvservice/src/http/conditions.ts';

type Headers = Readonly<Record<string, string>>;

const match = (tags: string): Headers => ({ 'if-match': tags });
const noneMatch = (tags: string): Headers => ({ 'if-none-match': tags });

describe('conditions of a request', () => {
  const table: readonly (readonly [Headers, revision: number, unmet: string | undefined])[] = [
    [match('*'), 0, 'match'],
    [match('*'), 7, undefined],
    [match('"7"'), 7, undefined],
    [match('"7"'), 8, 'match'],
    [match('"7"'), 0, 'match'],
    [match('W/"7"'), 7, 'match'],
    [match(' "6" ,"7",  W/"8" '), 7, undefined],
    [match('"a,b", "7"'), 7, undefined],
    [match('"0"'), 0, 'match'],
    [match('"07"'), 7, 'match'],
    [match('""'), 0, 'match'],
    [noneMatch('*'), 0, undefined],
    [noneMatch('*'), 7, 'none-match'],
    [noneMatch('"7"'), 7, 'none-match'],
    [noneMatch('W/"7"'), 7, 'none-match'],
    [noneMatch('"7"'), 8, undefined],
    [noneMatch('"7"'), 0, undefined],
    [{ ...match('"7"'), ...noneMatch('"7"') }, 7, 'none-match'],
    [{ ...match('"7"'), ...noneMatch('"7"') }, 8, 'match'],
    [{ ...match('*'), ...noneMatch('"7"') }, 8, undefined],
  ];
  for (const [headers, revision, expected] of table) {
    it(`${JSON.stringify(headers)} of revision ${revision}: ${expected ?? 'met'}`, () => {
      const conditions = conditionsOf(headers);
      expect(conditions && unmet(conditions, revision)).to.equal(expected);
    });
  }

  const only: readonly (readonly [Headers, number | undefined])[] = [
    [noneMatch('*'), 0],
    [match('"7"'), 7],
    [match('"7", W/"8"'), 7],
    [match('"7", "8"'), undefined],
    [match('*'), undefined],
    [match('W/"7"'), undefined],
    [noneMatch('"7"'), undefined],
    [{ ...match('"7"'), ...noneMatch('"8"') }, undefined],
  ];
  for (const [headers, expected] of only) {
    it(`${JSON.stringify(headers)} can be met by ${expected ?? 'several'} only`, () => {
      const conditions = conditionsOf(headers);
      expect(conditions && onlyRevision(conditions)).to.equal(expected);
    });
  }

  it('are none without these headers', () => {
    expect(conditionsOf({ host: 'localhost' })).to.equal(undefined);
  });

  for (const tags of ['', '7', '"7', '"7" "8"', '*, "7"', 'w/"7"', '"7",', "'7'", '"7"x']) {
    it(`${JSON.stringify(tags)} is refused`, () => {
      for (const headers of [match(tags), noneMatch(tags)])
        expect(() => conditionsOf(headers))
          .to.throw(UnderstudyError)
          .with.property('name', 'INVALID_PARAMS');
    });
  }
});

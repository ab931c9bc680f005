/** What is kept compares as its JSON does. */
import { expect } from 'chai';
import fc from 'fast-check';
import { KeptJson } from '../../packages/testkit/src/invariants/kept-json.ts';

describe('kept JSON', () => {
  it('is as the value was when it was kept', () => {
    const value = { kind: 'put', key: 'k', value: 'v' };
    const kept = new KeptJson(value);
    value.value = 'w';
    expect(kept.isLike(value)).to.equal(false);
    expect(kept.isLike({ kind: 'put', key: 'k', value: 'v' })).to.equal(true);
    expect(kept.text).to.equal('{"kind":"put","key":"k","value":"v"}');
  });

  it('is like what has the same text, and like nothing else', () => {
    const scalar = fc.constantFrom('a', 'b', 0, -0, 1, Number.NaN, null, undefined, true);
    const field = fc.oneof(
      scalar,
      fc.array(scalar, { maxLength: 2 }),
      fc.dictionary(fc.constantFrom('a', 'b'), scalar),
    );
    const names = fc.constantFrom('a', 'b', 'c', '1');
    const some = fc.oneof(
      fc.dictionary(names, scalar),
      fc.dictionary(names, field),
      fc.array(scalar, { maxLength: 2 }),
    );
    fc.assert(
      fc.property(some, some, (one, other) => {
        const isSame = JSON.stringify(one) === JSON.stringify(other);
        expect(new KeptJson(one).isLike(other)).to.equal(isSame);
        expect(new KeptJson(one).isSameAs(new KeptJson(other))).to.equal(isSame);
        expect(new KeptJson(one).isLike(structuredClone(one))).to.equal(true);
      }),
    );
  });
});

/** Depth of JSON: text and value agree, and the deepest input costs next to nothing. */
import { expect } from 'chai';
import fc from 'fast-check';
import { parseJson } from '../../packages/rpc/src/json-text.ts';
import { isTextDeeper, isValueDeeper } from '../../packages/rpc/src/nesting.ts';

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

describe('nesting', () => {
  it('finds any value deeper than a limit exactly when it is, as text and as value', () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ maxDepth: 6 }),
        fc.integer({ min: 0, max: 7 }),
        fc.boolean(),
        (value, limit, spaced) => {
          const text = JSON.stringify(value, null, spaced ? 1 : 0);
          const deeper = depthOf(JSON.parse(text)) > limit;
          expect(isTextDeeper(text, limit)).to.equal(deeper);
          expect(isValueDeeper(JSON.parse(text), limit)).to.equal(deeper);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('does not take brackets in strings for nesting, whatever quotes and backslashes they have', () => {
    for (const inside of ['[[[[', '\\', '\\"[[[[', '"[[[["', '\\\\"{{{{', '\\\\\\']) {
      const text = JSON.stringify({ [inside]: [inside, inside] });
      expect(isTextDeeper(text, 2), text).to.equal(false);
      expect(isTextDeeper(text, 1), text).to.equal(true);
    }
  });

  it('comes to an end for text that is not JSON', () => {
    for (const text of ['"', '"\\', '[[["', ']]]]', '\\"[', '']) expect(isTextDeeper(text, 2), text).to.be.a('boolean');
  });
});

describe('parseJson', () => {
  const rows: readonly (readonly [string, string, string])[] = [
    ['not JSON', '{', 'PARSE_ERROR'],
    ['nothing', '', 'PARSE_ERROR'],
    ['a byte order mark', '\ufeff{}', 'PARSE_ERROR'],
    ['65 deep', `${'['.repeat(65)}${']'.repeat(65)}`, 'INVALID_REQUEST'],
    ['10^6 deep', `${'['.repeat(1e6)}${']'.repeat(1e6)}`, 'INVALID_REQUEST'],
    ['10^6 deep and broken', '[{"a":'.repeat(5e5), 'INVALID_REQUEST'],
    ['long, 65 deep at its end', `[${'"x",'.repeat(20_000)}${'['.repeat(64)}${']'.repeat(65)}`, 'INVALID_REQUEST'],
  ];
  for (const [what, text, name] of rows) {
    it(`refuses ${what} as ${name}, at once and without quoting it`, () => {
      const before = process.cpuUsage();
      expect(() => parseJson(text, 64))
        .to.throw(Error)
        .with.property('name', name);
      const { user, system } = process.cpuUsage(before);
      expect((user + system) / 1_000, 'ms of a processor').to.be.below(250);
    });
  }

  it('takes what is 64 deep, however long', () => {
    const long = `[${'"[{[{",'.repeat(20_000)}${'['.repeat(63)}${']'.repeat(64)}`;
    expect(parseJson(long, 64)).to.have.length(20_001);
    expect(depthOf(parseJson('['.repeat(64) + ']'.repeat(64), 64))).to.equal(64);
  });
});

/** Depth and size of JSON: text and value agree, and the worst input costs next to nothing. */
import { expect } from 'chai';
import fc from 'fast-check';
import { parseJson, parseRequest } from '../../packages/rpc/src/json-text.ts';
import { excessOf, isValueDeeper, MAX_NAME_UNITS, MAX_OUTSIDE_UNITS } from '../../packages/rpc/src/nesting.ts';

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

/** Values and names beyond the first, and one for each list and object. */
function elementsOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const parts = Object.values(value);
  const names = Array.isArray(value) ? 0 : parts.length;
  return parts.map(elementsOf).reduce((sum, count) => sum + count, 1 + names + Math.max(0, parts.length - 1));
}

const isTextDeeper = (text: string, maxDepth: number): boolean =>
  excessOf(text, { maxDepth, maxElements: Infinity }) === 'depth';

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

  it('counts the parts of any value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.boolean(), (value, spaced) => {
        const text = JSON.stringify(value, null, spaced ? 1 : 0);
        const count = elementsOf(JSON.parse(text));
        expect(excessOf(text, { maxDepth: 100, maxElements: count })).to.equal(undefined);
        if (count > 0) expect(excessOf(text, { maxDepth: 100, maxElements: count - 1 })).to.equal('elements');
      }),
      { numRuns: 2_000 },
    );
  });

  it('counts the characters outside of strings, and those of names', () => {
    const bounds = { maxDepth: 100, maxElements: 65_536 };
    const blanks = (count: number): string => `${' '.repeat(count - 1)}0`;
    expect(excessOf(blanks(MAX_OUTSIDE_UNITS), bounds)).to.equal(undefined);
    expect(excessOf(blanks(MAX_OUTSIDE_UNITS + 2), bounds)).to.equal('outside');
    const names = (units: number): string =>
      `{"${'x'.repeat(units / 2)}":"${'"'.padStart(99, ':')}, "${'y'.repeat(units / 2)}" : 0}`;
    expect(excessOf(names(MAX_NAME_UNITS - 10), bounds)).to.equal(undefined);
    expect(excessOf(names(MAX_NAME_UNITS + 2), bounds)).to.equal('names');
    expect(excessOf(JSON.stringify('\n€:'.repeat(1_000_000)), bounds)).to.equal(undefined);
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
  const BOUNDS = { maxDepth: 64, maxElements: 65_536 };
  const fill = (part: string, length: number): string => part.repeat(length / part.length);
  const names = Array.from({ length: 200_000 }, (_, index) => `"${index.toString(36)}":0`).join();
  const rows: readonly (readonly [string, string, string])[] = [
    ['not JSON', '{', 'PARSE_ERROR'],
    ['nothing', '', 'PARSE_ERROR'],
    ['a byte order mark', '\ufeff{}', 'PARSE_ERROR'],
    ['65 deep', `${'['.repeat(65)}${']'.repeat(65)}`, 'INVALID_REQUEST'],
    ['10^6 deep', `${'['.repeat(1e6)}${']'.repeat(1e6)}`, 'INVALID_REQUEST'],
    ['10^6 deep and broken', '[{"a":'.repeat(5e5), 'INVALID_REQUEST'],
    ['long, 65 deep at its end', `[${'"x",'.repeat(20_000)}${'['.repeat(64)}${']'.repeat(65)}`, 'INVALID_REQUEST'],
    ['8 MiB of empty lists', `[${fill('[],', 2 ** 23)}0]`, 'TOO_LARGE'],
    ['8 MiB of empty objects', `[${fill('{},', 2 ** 23)}0]`, 'TOO_LARGE'],
    ['8 MiB of numbers', `[${fill('0,', 2 ** 23)}0]`, 'TOO_LARGE'],
    ['8 MiB of texts', `[${fill('"",', 2 ** 23)}""]`, 'TOO_LARGE'],
    ['8 MiB of quotes', fill('"', 2 ** 23), 'TOO_LARGE'],
    ['8 MiB of digits', `[${fill('1', 2 ** 23)}]`, 'TOO_LARGE'],
    ['numbers of hundreds of digits', `[${fill(`${'1'.repeat(511)},`, 2 ** 23)}0]`, 'TOO_LARGE'],
    [
      'names of 240 characters',
      `{${Array.from({ length: 30_000 }, (_, n) => `"${`${n}`.padStart(240)}":0`).join()}}`,
      'TOO_LARGE',
    ],
    ['200,000 distinct names', `{${names}}`, 'TOO_LARGE'],
    ['200,000 distinct names in params', `{"jsonrpc":"2.0","id":1,"method":"a","params":{${names}}}`, 'TOO_LARGE'],
  ];
  for (const [what, text, name] of rows) {
    it(`refuses ${what} as ${name}, at once and without quoting it`, () => {
      const before = process.cpuUsage();
      expect(() => parseJson(text, BOUNDS))
        .to.throw(Error)
        .with.property('name', name);
      const { user, system } = process.cpuUsage(before);
      expect((user + system) / 1_000, 'ms of a processor').to.be.below(250);
    });
  }

  it('takes 8 MiB of text with commas, colons, brackets and quotes in it', () => {
    const text = JSON.stringify(fill('{"a":[1,2,"\\\\"],', 2 ** 22));
    expect(parseJson(text, BOUNDS)).to.have.length.above(4_000_000);
  });

  it('takes what is 64 deep, however long', () => {
    const long = `[${'"[{[{",'.repeat(20_000)}${'['.repeat(63)}${']'.repeat(64)}`;
    expect(parseJson(long, BOUNDS)).to.have.length(20_001);
    expect(depthOf(parseJson('['.repeat(64) + ']'.repeat(64), BOUNDS))).to.equal(64);
  });
});

describe('parseRequest', () => {
  const BOUNDS = { maxDepth: 64, maxElements: 40, maxRequestBytes: 400_000 };
  const request = (values: number, length: number): string => `["${'x'.repeat(length)}"${',0'.repeat(values - 1)}]`;

  it('takes fewer values and names in a longer request, and a quarter of them in the longest', () => {
    expect(parseRequest(request(40, 99_000), BOUNDS)).to.have.length(40);
    expect(() => parseRequest(request(41, 99_000), BOUNDS)).to.throw('more than 40 values and names');
    expect(parseRequest(request(30, 199_000), BOUNDS)).to.have.length(30);
    expect(() => parseRequest(request(31, 201_000), BOUNDS)).to.throw('more than 29 values and names');
    expect(parseRequest(request(10, 399_900), BOUNDS)).to.have.length(10);
    expect(() => parseRequest(request(11, 399_900), BOUNDS)).to.throw('more than 10 values and names');
  });
});

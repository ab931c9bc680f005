import { expect } from 'chai';
import fc from 'fast-check';
import { printable, printableLines, withEscapes } from '../../../packages/cli/src/output/printable.ts';

const DANGEROUS = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;
const anyText = fc.string({ unit: 'binary', maxLength: 50 });

describe('text from outside', () => {
  it('has no character that a terminal obeys, or that forges a line', () => {
    fc.assert(fc.property(anyText, (text) => void expect(printable(text)).not.to.match(DANGEROUS)));
    const layoutApart = (text: string) => printableLines(text).replaceAll(/[\n\t]/g, '');
    fc.assert(fc.property(anyText, (text) => void expect(layoutApart(text)).not.to.match(DANGEROUS)));
  });

  const shown: readonly (readonly [what: string, text: string, expected: string])[] = [
    ['words of any script', 'grüße 日本 😀 a\\b', 'grüße 日本 😀 a\\b'],
    ['an escape sequence', '\u001b]0;title\u0007', '\\u001b]0;title\\u0007'],
    ['a control of eight bits', '\u009b31m', '\\u009b31m'],
    ['forged lines', 'a\nb\r\nc\u2028d', 'a\\nb\\r\\nc\\u2028d'],
    ['signs of direction', 'a\u202eb\u2066c\u200f', 'a\\u202eb\\u2066c\\u200f'],
    ['an invisible tag beyond the first plane', '\u{e0041}', '\\udb40\\udc41'],
    ['half a pair', 'a\ud83d', 'a\\ud83d'],
  ];
  for (const [what, text, expected] of shown) {
    it(`shows ${what}`, () => expect(printable(text)).to.equal(expected));
  }

  it('stays the same JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        const json = withEscapes(JSON.stringify(value, null, 1));
        expect(json.replaceAll('\n', '')).not.to.match(DANGEROUS);
        expect(JSON.parse(json)).to.deep.equal(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

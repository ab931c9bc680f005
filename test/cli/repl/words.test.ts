import { expect } from 'chai';
import fc from 'fast-check';
import { asWord, quoted, wordsOf } from '../../../packages/cli/src/repl/words.ts';

const texts = (line: string) => wordsOf(line).map(({ text }) => text);

const SPLIT: readonly (readonly [string, readonly string[]])[] = [
  ['', []],
  ['  \t ', []],
  ['put a 123', ['put', 'a', '123']],
  ['  put\ta   123  ', ['put', 'a', '123']],
  ['put a "good morning"', ['put', 'a', 'good morning']],
  ["put a 'good morning'", ['put', 'a', 'good morning']],
  ['put a ""', ['put', 'a', '']],
  ["put '' b", ['put', '', 'b']],
  ['"a\\"b\\\\c\\n\\t\\r\\b\\f\\/\\u2603"', ['a"b\\c\n\t\r\b\f/☃']],
  ['\'a\\n"b"\'', ['a\\n"b"']],
  ['"it\'s"', ["it's"]],
  // A quote is one at the beginning of a word only.
  ['put j {"a":"b"}', ['put', 'j', '{"a":"b"}']],
  ["it's C:\\new", ["it's", 'C:\\new']],
  ['a#b #c', ['a#b', '#c']],
];

const FAULTS: readonly (readonly [string, RegExp])[] = [
  ['put a "x', /^the quote is never closed: "x$/],
  ["put a 'x y", /^the quote is never closed: 'x y$/],
  ['put a "x\\', /^the quote is never closed/],
  ['put a "', /^the quote is never closed: "$/],
  ['put a "x\\"', /^the quote is never closed/],
  ['put a "x\\q"', /^\\q means nothing between double quotes/],
  ['put a "\\u12g4"', /^\\u means nothing/],
  ['put a "x"y', /^a blank is missing after the closing quote of "x"$/],
  [`put a "${'x'.repeat(100_000)}`, /^.{1,80}$/],
];

describe('a line of the REPL as words', () => {
  for (const [line, words] of SPLIT) {
    it(`${JSON.stringify(line)} is ${JSON.stringify(words)}`, () => {
      expect(texts(line)).to.deep.equal(words);
    });
  }

  for (const [line, fault] of FAULTS) {
    it(`${JSON.stringify(line.slice(0, 40))} is refused: ${fault.source}`, () => {
      expect(() => wordsOf(line)).to.throw(fault);
    });
  }

  it('whatever is shown reads as the same text, and is one line without controls', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        for (const shown of [quoted(text), asWord(text)]) {
          expect(texts(`get ${shown}`)).to.deep.equal(['get', text]);
          expect(shown).not.to.match(/[\p{Cc}\u2028-\u202e\u200b-\u200f]/u);
        }
      }),
    );
  });

  it('shows a text in the quotes that need fewer escapes, a key without any where it can', () => {
    expect(quoted('123')).to.equal('"123"');
    expect(quoted('{"a":1}')).to.equal(`'{"a":1}'`);
    expect(quoted('"it\'s"')).to.equal('"\\"it\'s\\""');
    expect(quoted('"\u001b[2J')).to.equal('"\\"\\u001b[2J"');
    expect(quoted('a\u202eb')).to.equal('"a\\u202eb"');
    expect(asWord('user/1')).to.equal('user/1');
    expect(asWord('my key')).to.equal('"my key"');
    expect(asWord('--limit')).to.equal('"--limit"');
    expect(asWord('')).to.equal('""');
  });
});

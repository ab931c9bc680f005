/** Bytes of UTF-8 to text, the same by both ways. */
import { isUtf8 } from 'node:buffer';
import { expect } from 'chai';
import fc from 'fast-check';
import { utf8Text } from '../../packages/rpc/src/utf8.ts';

/** Longer than what takes the short way. */
const LARGE_BYTES = 70_000;

describe('utf8Text', () => {
  it('gives what Node gives, for any text, short and long', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), fc.boolean(), (part, isLong) => {
        const count = isLong ? Math.ceil(LARGE_BYTES / Buffer.byteLength(part)) : 1;
        const bytes = Buffer.from(part.repeat(count));
        expect(utf8Text(bytes) === bytes.toString('utf8')).to.equal(true);
      }),
      { numRuns: 60 },
    );
  });

  it('keeps a byte order mark, a NUL, and characters beyond the first plane', () => {
    const text = `\ufeff\0😀é€${'x'.repeat(LARGE_BYTES)}\u{10ffff}\ufeff`;
    expect(utf8Text(Buffer.from(text)) === text).to.equal(true);
  });

  it('refuses what is not UTF-8, wherever it stands', () => {
    for (const wrong of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xe2, 0x82], [0xf4, 0x90, 0x80, 0x80]]) {
      const bytes = Buffer.concat([Buffer.from('é'.repeat(LARGE_BYTES)), Buffer.from(wrong)]);
      expect(isUtf8(bytes)).to.equal(false);
      expect(utf8Text(bytes)).to.equal(undefined);
    }
  });
});

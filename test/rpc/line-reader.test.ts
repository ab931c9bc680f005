/** Lines out of bytes: the same at any chunk boundaries, and never more than one line's worth of memory. */
import { expect } from 'chai';
import fc from 'fast-check';
import { LineReader, NOT_UTF8, TOO_LONG } from '../../packages/rpc/src/line-reader.ts';

const SHOWN = new Map<unknown, string>([
  [NOT_UTF8, '(not UTF-8)'],
  [TOO_LONG, '(too long)'],
]);

function linesOf(chunks: readonly Uint8Array[], maxBytes = 1_000): string[] {
  const reader = new LineReader(maxBytes);
  const lines: string[] = [];
  const take = (): void => {
    for (let line = reader.next(); line !== undefined; line = reader.next())
      lines.push(SHOWN.get(line) ?? String(line));
  };
  for (const chunk of chunks) {
    reader.push(Buffer.from(chunk));
    take();
  }
  reader.end();
  take();
  return lines;
}

/** By the book: split at newlines first, decode after. */
function expectedLines(bytes: Buffer, maxBytes: number): string[] {
  const lines: string[] = [];
  for (let rest = bytes; rest.length > 0; ) {
    const end = rest.indexOf(10);
    const line = end === -1 ? rest : rest.subarray(0, end);
    rest = end === -1 ? Buffer.alloc(0) : rest.subarray(end + 1);
    if (line.length > maxBytes) return [...lines, '(too long)'];
    const text = decoded(line);
    if (text !== '' && text !== '\r') lines.push(text);
  }
  return lines;
}

function decoded(line: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(line);
  } catch {
    return '(not UTF-8)';
  }
}

function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [0, ...places.map((place) => place % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
}

describe('LineReader', () => {
  it('gives the lines that are whole, and the last one at the end', () => {
    expect(linesOf([Buffer.from('a\nb'), Buffer.from('c\nd')])).to.deep.equal(['a', 'bc', 'd']);
  });

  it('leaves blank lines out, with and without a carriage return', () => {
    expect(linesOf([Buffer.from('\n\r\na\r\n\n')])).to.deep.equal(['a\r']);
  });

  it('joins characters that were cut in the middle', () => {
    const bytes = Buffer.from('é€😀\n');
    expect(linesOf([...bytes].map((byte) => Buffer.of(byte)))).to.deep.equal(['é€😀']);
  });

  it('tells which of several lines is not UTF-8', () => {
    const bytes = Buffer.concat([Buffer.from('a\n'), Buffer.of(0xff), Buffer.from('\nb\n')]);
    expect(linesOf([bytes])).to.deep.equal(['a', '(not UTF-8)', 'b']);
  });

  it('stops at a line over the limit, and gives the lines before it', () => {
    expect(linesOf([Buffer.from('abcd\nabcde\nab\n')], 4)).to.deep.equal(['abcd', '(too long)']);
    expect(linesOf([Buffer.from('éé\nééé\na\n')], 5)).to.deep.equal(['éé', '(too long)']);
    expect(linesOf([Buffer.from('ab\nabc'), Buffer.from('defg'), Buffer.from('\na\n')], 4)).to.deep.equal([
      'ab',
      '(too long)',
    ]);
  });

  it('keeps nothing of a line over the limit', () => {
    const reader = new LineReader(100);
    for (let count = 0; count < 50; count++) reader.push(Buffer.alloc(64, 'x'));
    expect(reader.next()).to.equal(TOO_LONG);
    expect(reader.partialBytes).to.equal(0);
    reader.push(Buffer.from('more\n'));
    expect(reader.next()).to.equal(undefined);
  });

  it('gives the same lines for any bytes, wherever they are cut', () => {
    const byte = fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(0x0a, 0x0d, 0x61, 0x22, 0x7b) },
      { weight: 2, arbitrary: fc.constantFrom(0xc3, 0xa9, 0xf0, 0x9f, 0x98, 0x80, 0xed, 0xff) },
      { weight: 1, arbitrary: fc.nat(255) },
    );
    fc.assert(
      fc.property(
        fc.array(byte, { maxLength: 80 }),
        fc.array(fc.nat(), { maxLength: 8 }),
        fc.constantFrom(3, 8, 1_000),
        (values, places, maxBytes) => {
          const bytes = Buffer.from(values);
          expect(linesOf(cut(bytes, places), maxBytes)).to.deep.equal(expectedLines(bytes, maxBytes));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('reads a million bytes that come one by one, without taking quadratic time', () => {
    const reader = new LineReader(2 ** 23);
    const byte = Buffer.of(0x61);
    for (let count = 0; count < 1_000_000; count++) {
      reader.push(byte);
      if (reader.next() !== undefined) throw new Error('a line before its end');
    }
    reader.end();
    expect(reader.next()).to.have.length(1_000_000);
  });
});

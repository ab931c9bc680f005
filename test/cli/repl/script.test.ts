import { expect } from 'chai';
import fc from 'fast-check';
import type { Outcome } from '../../../packages/cli/src/repl/interpreter.ts';
import { linesOf, type ScriptLine } from '../../../packages/cli/src/repl/lines.ts';
import { runScript } from '../../../packages/cli/src/repl/script.ts';

async function* stream(...chunks: readonly (Buffer | string)[]) {
  yield* chunks;
}

async function linesIn(longest: number, ...chunks: readonly (Buffer | string)[]): Promise<readonly ScriptLine[]> {
  const lines: ScriptLine[] = [];
  for await (const line of linesOf(stream(...chunks), longest)) lines.push(line);
  return lines;
}

const line = (number: number, text: string): ScriptLine => ({ kind: 'line', number, text });

describe('the lines of a script', () => {
  it('end with LF or CR LF, the last one with the input', async () => {
    expect(await linesIn(100, 'a\n', 'b\r\n\r\n', 'c d')).to.deep.equal([
      line(1, 'a'),
      line(2, 'b'),
      line(3, ''),
      line(4, 'c d'),
    ]);
    expect(await linesIn(100)).to.deep.equal([]);
    expect(await linesIn(100, 'a\n')).to.deep.equal([line(1, 'a')]);
  });

  it('are the same however the input is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: fc.constantFrom('a', ' ', '☃', '😀', '"') })),
        fc.nat(5),
        async (texts, size) => {
          const bytes = Buffer.from(texts.join('\n'));
          const pieces: Buffer[] = [];
          for (let at = 0; at < bytes.length; at += size + 1) pieces.push(bytes.subarray(at, at + size + 1));
          const lines = await linesIn(1_000, ...pieces);
          expect(lines.map((it) => (it.kind === 'line' ? it.text : it.fault)).join('\n')).to.equal(
            texts.join('\n').replace(/\n$/, ''),
          );
        },
      ),
    );
  });

  it('a line that is not UTF-8, or too long, is named; those around it are read', async () => {
    const lines = await linesIn(5, 'a\n', Buffer.from([0xff, 0x0a]), 'b\n123', '456\n', 'c');
    expect(lines).to.deep.equal([
      line(1, 'a'),
      { kind: 'broken', number: 2, fault: 'the line is not UTF-8' },
      line(3, 'b'),
      { kind: 'broken', number: 4, fault: 'the line is longer than 5 bytes' },
      line(5, 'c'),
    ]);
  });

  it('a byte order mark is none of it', async () => {
    expect(await linesIn(100, '\uFEFFa\n\uFEFFb')).to.deep.equal([line(1, 'a'), line(2, '\uFEFFb')]);
  });
});

describe('a script', () => {
  /** Does the lines of which this says what comes of them. */
  async function play(
    outcomes: Readonly<Record<string, Outcome>>,
    script: string | Buffer,
    { bail = false, cancelAt = '' } = {},
  ) {
    const did: string[] = [];
    const end = new AbortController();
    const isGood = await runScript({
      input: stream(script),
      run: async (text) => {
        did.push(text);
        if (text === cancelAt) end.abort();
        return outcomes[text] ?? 'done';
      },
      onLine: (number) => did.push(`${number}:`),
      complain: (message) => did.push(message),
      stopsAtFailure: bail,
      signal: end.signal,
    });
    return { did: did.join(' '), isGood };
  }

  it('is done line by line, and is good when every line was', async () => {
    expect(await play({}, 'a\nb\nc')).to.deep.equal({ did: '1: a 2: b 3: c', isGood: true });
  });

  it('goes on after a failure, which counts', async () => {
    expect(await play({ b: 'failed' }, 'a\nb\nc')).to.deep.equal({ did: '1: a 2: b 3: c', isGood: false });
    const broken = Buffer.concat([Buffer.from([0xff]), Buffer.from('\nb')]);
    expect(await play({}, broken)).to.deep.equal({ did: '1: the line is not UTF-8 2: b', isGood: false });
  });

  it('ends at a failure if it is to', async () => {
    expect(await play({ b: 'failed' }, 'a\nb\nc', { bail: true })).to.deep.equal({ did: '1: a 2: b', isGood: false });
  });

  it('ends at exit, as good as it was', async () => {
    expect(await play({ b: 'exit' }, 'a\nb\nc')).to.deep.equal({ did: '1: a 2: b', isGood: true });
    expect(await play({ a: 'failed', b: 'exit' }, 'a\nb\nc')).to.deep.equal({ did: '1: a 2: b', isGood: false });
  });

  it('ends when it is told to, and is not good then', async () => {
    expect(await play({}, 'a\nb\nc', { cancelAt: 'b' })).to.deep.equal({ did: '1: a 2: b', isGood: false });
  });
});

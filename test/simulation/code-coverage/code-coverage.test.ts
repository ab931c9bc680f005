/**
 * The parts of `npm run coverage:simulation`: V8's counters, stretches of source, and their comparison with the list.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import ts from 'typescript';
import { reachedIn } from './counters.ts';
import { compare, type Found } from './expectation.ts';
import { unreachedIn } from './stretches.ts';

const SOURCE = `export function sign(value: number): string {
  if (value < 0) {
    // A comment has no meaning here.
    return 'below';
  }
  return value > 0 ? 'above' : 'zero';
}

export function never(): void {
  throw new Error('never');
}
`;

describe('coverage of code by simulation', () => {
  let directory = '';
  let counters = '';
  let script = '';
  let text = '';

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'counters-'));
    counters = join(directory, 'counters');
    mkdirSync(counters);
    const { outputText, sourceMapText } = ts.transpileModule(SOURCE, {
      fileName: 'sign.ts',
      compilerOptions: { sourceMap: true, module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 },
    });
    text = outputText;
    writeFileSync(join(directory, 'sign.ts'), SOURCE);
    writeFileSync(join(directory, 'sign.js'), outputText);
    writeFileSync(join(directory, 'sign.js.map'), sourceMapText ?? '');
    script = pathToFileURL(join(directory, 'sign.js')).href;
  });

  afterEach(() => rmSync(directory, { recursive: true }));

  /** As one process would have written it: everything ran, but for these texts. */
  function process(number: number, ...missed: readonly string[]): void {
    const ranges = [{ startOffset: 0, endOffset: text.length, count: 1 }];
    for (const part of missed) {
      const startOffset = text.indexOf(part);
      expect(startOffset, part).to.be.at.least(0);
      ranges.push({ startOffset, endOffset: startOffset + part.length, count: 0 });
    }
    const result = [{ url: script, functions: [{ ranges }] }];
    writeFileSync(join(counters, `coverage-${number}.json`), JSON.stringify({ result }));
  }

  function unreached(): readonly string[] {
    const characters = reachedIn(counters, (url) => url === script).get(script) ?? new Uint8Array();
    return unreachedIn(script, characters).map(({ line, lines, code }) => `${line} +${lines} ${code}`);
  }

  it('finds what no process reached, by its place in the source', () => {
    process(1, "return 'below';", "'zero'", "throw new Error('never');");
    process(2, "'above'", "'zero'", "throw new Error('never');");
    expect(unreached()).to.deep.equal(["6 +1 return value > 0 ? 'above' : 'zero';", "10 +1 throw new Error('never');"]);
  });

  it('finds nothing where each part was reached by some process', () => {
    process(1, "return 'below';");
    process(2, "'zero'");
    expect(unreached()).to.deep.equal([]);
  });

  it('takes brackets, semicolons and comments for no code', () => {
    process(1, '// A comment has no meaning here.', ';\n}');
    expect(unreached()).to.deep.equal([]);
  });

  it('tells what is not listed, and what is listed but was reached', () => {
    const found: Found = new Map([
      ['a.ts', [{ line: 1, lines: 2, code: 'one();' }]],
      ['b.ts', [{ line: 7, lines: 1, code: 'two();' }]],
    ]);
    const listed = { 'a reason': { 'a.ts': ['one();', 'gone();'], 'c.ts': ['*'] } };
    expect(compare(found, listed)).to.deep.equal({
      unlisted: [{ file: 'b.ts', code: 'two();', line: 7 }],
      outdated: [
        { file: 'a.ts', code: 'gone();' },
        { file: 'c.ts', code: '*' },
      ],
      expected: 1,
    });
    expect(compare(found, {}).unlisted.map(({ file }) => file)).to.deep.equal(['a.ts', 'b.ts']);
  });
});

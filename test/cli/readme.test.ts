import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

describe('the documents', () => {
  const documents = ['README.md', 'ARCHITECTURE.md', ...readdirSync(join(ROOT, 'docs')).map((name) => `docs/${name}`)];

  for (const document of documents.filter((name) => name.endsWith('.md') && existsSync(join(ROOT, name)))) {
    it(`${document} links to what is there`, () => {
      const text = readFileSync(join(ROOT, document), 'utf8');
      const targets = [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map((match) => match[1] ?? '');
      const missing = targets.filter((target) => !existsSync(join(ROOT, document, '..', target)));
      expect(missing).to.deep.equal([]);
    });
  }

  it('the code in README.md does what its comments say', async () => {
    const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
    const code = /```js\n([^]*?)```/.exec(readme)?.[1]?.replaceAll(/127\.0\.0\.1:700\d/g, '127.0.0.1:0') ?? '';
    const flags = ['--import=tsx', '--conditions=understudy-source', '--input-type=module'];
    const example = spawn(process.execPath, [...flags, '--eval', code], { cwd: ROOT });
    let printed = '';
    example.stdout.on('data', (chunk) => {
      printed += String(chunk);
    });
    const [exitCode] = await once(example, 'close');
    expect(printed).to.equal('hello\n');
    expect(exitCode).to.equal(0);
  });
});

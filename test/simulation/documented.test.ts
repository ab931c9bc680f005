/** What users read about simulation does what it says. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { PLANTED_BUGS } from './planted/bugs.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

async function run(...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [...process.execArgv, ...args], { cwd: ROOT });
  return stdout;
}

function codeOf(readme: string, section: string): readonly string[] {
  const text = readme.split('\n## ').find((part) => part.startsWith(section)) ?? '';
  return [...text.matchAll(/```ts\n([^]*?)```/g)].map(([, code = '']) => code);
}

describe('simulation, as documented', function () {
  this.timeout(120_000);

  it('the example finds the fault of the careless code, and none in the careful one', async () => {
    const printed = await run('examples/simulate_your_code.ts');
    expect(printed).to.match(/seed \d+ shows it: check: Error: 20 seats were sold, and 1\d counted/);
    expect(printed).to.match(/every seat is counted once\nChecks passed\.\n$/);
  });

  it('the code in the README runs', async () => {
    const [first = '', second = ''] = codeOf(readFileSync(`${ROOT}packages/testkit/README.md`, 'utf8'), 'Simulation');
    expect(await run('--input-type=module', '--eval', first)).to.match(/^\[\] /);
    expect(await run('--input-type=module', '--eval', second)).to.match(
      /^check: Error: a seat was sold and not counted/,
    );
  });

  it('every invariant is in the table of docs/TESTING.md', async () => {
    const table = readFileSync(`${ROOT}docs/TESTING.md`, 'utf8');
    const wired = readFileSync(`${ROOT}packages/testkit/src/simulation/invariants.ts`, 'utf8');
    const files = [...wired.matchAll(/from '\.\.\/invariants\/(.*?\.ts)'/g)].map(([, file]) => file);
    expect(files.length).to.be.greaterThan(10);
    for (const file of files) if (file !== 'invariant.ts') expect(table).to.include(`\`${file}\``);
  });

  it('every property and every bug in the table of planted bugs exists', async () => {
    const section =
      readFileSync(`${ROOT}docs/TESTING.md`, 'utf8').split('### Which property catches which bug')[1] ?? '';
    const table = section.split('\n## ')[0] ?? '';
    const rows = [...table.matchAll(/^\| (.*?) \| (.*?) \|$/gm)].slice(1).map(([, ...cells]) => cells);
    expect(rows.length).to.be.greaterThan(10);
    const folders = ['invariants', 'simulation', 'workload'].map((name) => `${ROOT}packages/testkit/src/${name}/`);
    const sources = folders.flatMap((folder) => readdirSync(folder).map((file) => readFileSync(folder + file, 'utf8')));
    const bugs = PLANTED_BUGS.map(({ name }) => name);
    for (const [property = '', bug = ''] of rows) {
      expect(bugs).to.include(bug);
      expect(sources.filter((source) => source.includes(`'${property}'`)).length, property).to.be.greaterThan(0);
    }
  });
});

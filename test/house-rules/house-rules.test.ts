/** The rules of the house, held against every file; each rule is shown to catch an offender. */
import { expect } from 'chai';
import { checkAny, checkDefaultExports, checkLength, checkOpening, MOST_LINES } from './rules/file-shape.ts';
import { checkArrows, type Manifest } from './rules/import-arrows.ts';
import { checkCycles } from './rules/import-cycles.ts';
import { manifests, otherSources, packageSources, trackedFiles } from './rules/repository.ts';
import { parse } from './rules/source.ts';
import { checkTrackedText } from './rules/tracked-text.ts';
import { checkWorldOnly } from './rules/world-only.ts';

const sources = packageSources();
const everything = [...sources, ...otherSources()];

/** One file of the packages. */
function at(path: string, text: string) {
  return [parse(`packages/${path}`, text)];
}

const NOTHING: Record<string, Manifest> = {};
const LISTED: Record<string, Manifest> = Object.fromEntries(
  ['rpc', 'dashboard', 'sysmonitor', 'kvservice', 'testkit', 'cli'].map((folder) => [
    folder,
    {
      dependencies: {
        '@understudy/rpc': '1',
        '@understudy/sysmonitor': '1',
        '@understudy/kvservice': '1',
        '@understudy/testkit': '1',
        '@understudy/cli': '1',
        'classic-level': '1',
        jayson: '1',
        'prom-client': '1',
        uuid: '1',
        'sorted-btree': '1',
      },
    },
  ]),
);

describe('house rules', () => {
  it('are held against the files of all packages', () => {
    const folders = new Set(sources.map(({ path }) => path.split('/')[1]));
    expect([...folders]).to.include.members(['rpc', 'sysmonitor', 'kvservice', 'cli']);
  });

  describe('imports go one way', () => {
    it('in every file', () => {
      expect(checkArrows(sources, manifests())).to.deep.equal([]);
    });

    const offenders: readonly (readonly [string, string, string])[] = [
      ['rpc/src/a.ts', "import { View } from '@understudy/sysmonitor';", 'against the order'],
      ['rpc/src/a.ts', "import type { View } from '@understudy/sysmonitor';", 'against the order'],
      ['sysmonitor/src/a.ts', "export { KVClient } from '@understudy/kvservice';", 'against the order'],
      ['kvservice/src/a.ts', "type A = import('@understudy/cli').A;", 'against the order'],
      ['kvservice/src/a.ts', "await import('@understudy/testkit');", 'against the order'],
      ['kvservice/src/a.ts', "import '@understudy/kvservice';", 'against the order'],
      ['unknown/src/a.ts', "import '@understudy/rpc';", 'no place in the order'],
      ['cli/src/a.ts', "import { x } from '@understudy/rpc/dist/x.js';", 'by its index only'],
      ['cli/src/a.ts', "import { x } from '../../rpc/src/x.ts';", 'by their names'],
      ['cli/src/b/a.ts', "import { x } from '../index.ts';", 'imports its index'],
      ['cli/src/a.ts', "import { x } from './b.js';", 'end in .ts'],
      ['sysmonitor/src/a.ts', "import jayson from 'jayson/promise/index.js';", 'only packages/rpc knows jayson'],
      [
        'kvservice/src/a.ts',
        "const { ClassicLevel } = await import('classic-level');",
        'only packages/rpc knows classic-level',
      ],
      ['kvservice/src/a.ts', "import { Registry } from 'prom-client';", 'only packages/rpc knows prom-client'],
      ['sysmonitor/src/core/a.ts', "import { b } from '../b.ts';", 'no value from the shell'],
      ['sysmonitor/src/core/a.ts', "import '../b.ts';", 'no value from the shell'],
      ['sysmonitor/src/core/a.ts', "import { assert, realWorld } from '@understudy/rpc';", 'no realWorld from outside'],
      ['sysmonitor/src/core/a.ts', "import { readFileSync } from 'node:fs';", 'no readFileSync from outside'],
      ['sysmonitor/src/core/a.ts', "import * as rpc from '@understudy/rpc';", 'no * from outside'],
      ['sysmonitor/src/core/a.ts', "import 'node:fs';", 'no (its effects) from outside'],
    ];
    for (const [path, text, fault] of offenders) {
      it(`not as in ${path}: ${text}`, () => {
        expect(checkArrows(at(path, `/** A. */\n${text}\n`), LISTED).join())
          .to.contain(`packages/${path}:2`)
          .and.contain(fault);
      });
    }

    it('not of what package.json does not list', () => {
      expect(checkArrows(at('rpc/src/a.ts', "import { v7 } from 'uuid';"), NOTHING).join()).to.contain(
        'does not list it',
      );
    });

    const honest: readonly (readonly [string, string])[] = [
      [
        'kvservice/src/a.ts',
        "import { assert, type World } from '@understudy/rpc'; import { readFileSync } from 'node:fs';",
      ],
      ['kvservice/src/a/b.ts', "import { x } from '../c.ts'; import { y } from '../core/y.ts';"],
      [
        'kvservice/src/core/a.ts',
        "import { b } from './b.ts'; import type { C } from '../c.ts'; import { D } from '../contract.ts';",
      ],
      [
        'kvservice/src/core/a.ts',
        "import { assert, type World } from '@understudy/rpc'; import tree from 'sorted-btree';",
      ],
      ['rpc/src/a.ts', "import jayson from 'jayson';"],
      ['cli/src/a.ts', "// import '@understudy/cli';\nconst text = \"import x from 'jayson'\";"],
    ];
    for (const [path, text] of honest) {
      it(`but as in ${path}: ${JSON.stringify(text)}`, () => {
        expect(checkArrows(at(path, text), LISTED)).to.deep.equal([]);
      });
    }
  });

  describe('no file imports itself by way of others', () => {
    it('in no package', () => {
      expect(checkCycles(sources)).to.deep.equal([]);
    });

    it('not even for types', () => {
      const cycle = [
        ...at('rpc/src/a.ts', "import { b } from './x/b.ts';"),
        ...at('rpc/src/x/b.ts', "export type { C } from './c.ts';"),
        ...at('rpc/src/x/c.ts', "import type { A } from '../a.ts';"),
        ...at('rpc/src/d.ts', "import { A } from './a.ts';"),
      ];
      expect(checkCycles(cycle)).to.deep.equal([
        'packages/rpc/src/a.ts imports itself: packages/rpc/src/a.ts -> packages/rpc/src/x/b.ts -> packages/rpc/src/x/c.ts -> packages/rpc/src/a.ts',
      ]);
    });

    it('two ways to one file are no cycle', () => {
      const diamond = [
        ...at('rpc/src/a.ts', "import './b.ts'; import './c.ts';"),
        ...at('rpc/src/b.ts', "import './d.ts';"),
        ...at('rpc/src/c.ts', "import './d.ts';"),
        ...at('rpc/src/d.ts', ''),
      ];
      expect(checkCycles(diamond)).to.deep.equal([]);
    });
  });

  describe('time, timers and randomness come from the world (D1)', () => {
    it('in every file but the real implementations', () => {
      expect(checkWorldOnly(sources)).to.deep.equal([]);
    });

    const offenders = [
      'Date.now();',
      'new Date();',
      'new Date;',
      'Date();',
      'const { now } = Date;',
      "Date['now']();",
      'const f = Date;',
      'performance.now();',
      'globalThis.performance.now();',
      'setTimeout(f, 1);',
      'const t = setTimeout;',
      'const t = { setTimeout };',
      'globalThis.setTimeout(f, 1);',
      'globalThis.Date.now();',
      'setInterval(f, 1);',
      'setImmediate(f);',
      'queueMicrotask(f);',
      'process.nextTick(f);',
      'process.hrtime.bigint();',
      'Math.random();',
      'const { random } = Math;',
      'crypto.randomUUID();',
      'globalThis.crypto.getRandomValues(x);',
      'AbortSignal.timeout(1);',
      "import { setTimeout as sleep } from 'node:timers/promises';",
      "import { setTimeout } from 'timers';",
      "import { performance } from 'node:perf_hooks';",
      "import { randomUUID } from 'node:crypto';",
      "import crypto from 'node:crypto';",
      "import process from 'node:process';",
    ];
    for (const text of offenders) {
      it(`not as in: ${text}`, () => {
        expect(checkWorldOnly(at('kvservice/src/a.ts', `/** A. */\n${text}`)), text).not.to.deep.equal([]);
      });
    }

    const honest = [
      'new Date(wallMs).toISOString();',
      'x instanceof Date;',
      'Math.floor(1.5);',
      'process.exitCode = 1; process.stdout.write(x);',
      'clearTimeout(t);',
      'socket.setTimeout(1);',
      'const x: { setTimeout: number } = { setTimeout: 1 };',
      'AbortSignal.any([]);',
      'let at: Date; let t: ReturnType<typeof setTimeout>;',
      "import { createHash } from 'node:crypto';",
      "import { createHistogram } from 'node:perf_hooks';",
      "// Date.now()\nconst text = 'Date.now()';",
    ];
    for (const text of honest) {
      it(`but as in: ${JSON.stringify(text)}`, () => {
        expect(checkWorldOnly(at('kvservice/src/a.ts', text))).to.deep.equal([]);
      });
    }

    it('but in the real clock', () => {
      expect(checkWorldOnly(at('rpc/src/real-clock.ts', 'Date.now();'))).to.deep.equal([]);
    });
  });

  describe('files', () => {
    it(`of packages have at most ${MOST_LINES} lines`, () => {
      expect(checkLength(sources)).to.deep.equal([]);
      expect(checkLength(at('rpc/src/a.ts', '\n'.repeat(MOST_LINES)))).to.deep.equal([]);
      expect(checkLength(at('rpc/src/a.ts', '\n'.repeat(MOST_LINES + 1)))).to.have.length(1);
    });

    it('of packages open with a sentence that says what they are', () => {
      expect(checkOpening(sources)).to.deep.equal([]);
      for (const text of ['', 'export {};', '// What it is.', "import 'x';\n/** Late. */", '/**  */', '/**\n */'])
        expect(checkOpening(at('rpc/src/a.ts', text)), text).to.have.length(1);
      for (const text of ['/** One line. */', '/**\n * Several\n * lines.\n */'])
        expect(checkOpening(at('rpc/src/a.ts', text)), text).to.deep.equal([]);
    });

    it('do not say `any`', () => {
      expect(checkAny(everything)).to.deep.equal([]);
      for (const text of [
        'let a: any;',
        'const a = b as any;',
        'type A = Record<string, any>;',
        'function f(...a: any[]) {}',
      ])
        expect(checkAny(at('rpc/src/a.ts', text)), text).to.have.length(1);
      expect(checkAny(at('rpc/src/a.ts', "// any\nconst any = 'any';"))).to.deep.equal([]);
    });

    it('have no default export', () => {
      expect(checkDefaultExports(everything)).to.deep.equal([]);
      const offenders = [
        'export default 1;',
        'export default class A {}',
        'export { a as default };',
        'export default function f() {}',
      ];
      for (const text of offenders) expect(checkDefaultExports(at('rpc/src/a.ts', text)), text).to.have.length(1);
      expect(checkDefaultExports(at('rpc/src/a.ts', 'switch (a) { default: }'))).to.deep.equal([]);
    });
  });

  describe('text that is tracked', () => {
    it('names no registry, and no path of a machine', () => {
      expect(checkTrackedText(trackedFiles())).to.deep.equal([]);
    });

    it('includes the lock file', () => {
      expect(trackedFiles().map(({ path }) => path)).to.include.members(['package-lock.json', 'package.json']);
    });

    // Put together here, so that this file passes.
    const registry = ['registry', 'npmjs', 'org'].join('.');
    const offenders: readonly (readonly [string, string])[] = [
      ['README.md', `npm install --registry https://${registry}/`],
      ['.npmrc', `registry=http://${['my', 'verdaccio', 'local'].join('-')}:4873/`],
      ['docs/A.md', `see ${['', 'home', 'me', 'x.ts'].join('/')}`],
      ['test/a.ts', `readFileSync('${['', 'Users', 'me', 'x'].join('/')}')`],
      ['docs/A.md', ['C:', 'Users', 'me'].join('\\')],
      ['package-lock.json', `  "${['resol', 'ved'].join('')}": "${['https:', '', 'packages', 'x.tgz'].join('/')}",`],
    ];
    for (const [path, text] of offenders) {
      it(`not as in ${path}: ${text}`, () => {
        expect(checkTrackedText([{ path, text }])).not.to.deep.equal([]);
      });
    }

    it('but relative paths, links and web addresses', () => {
      const text =
        '"resolved": "packages/rpc", "link": true; https://a.org/home/x; ./home/x; packages/rpc/work/x; registry.register(x)';
      expect(checkTrackedText([{ path: 'package-lock.json', text }])).to.deep.equal([]);
    });
  });
});

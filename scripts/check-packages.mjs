// Shows that what would be published works elsewhere: packs every package, examines the tarballs, installs them in an empty
// project, imports them under plain Node, and type-checks a small consumer. One line a step; exit code 1 when a step fails.
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { attempt, build, pack, packages, root, run, StepFailed } from './packing.mjs';

const bin = (name) => join(root, 'node_modules', '.bin', name);
const temporary = mkdtempSync(join(tmpdir(), 'understudy-packages-'));
const project = join(temporary, 'project');

/** What npm says where it has no network, or where the registry fails. */
const UNFETCHED = /ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN|ENOTCACHED|FETCH_ERROR|\bE(?:429|5\d\d)\b|network/i;

/** Uses what the packages promise, where they have it already. Every entry that has all its names is compiled. */
const CONSUMERS = [
  {
    needs: { '@understudy/rpc': ['UnderstudyError'] },
    code: "const code: number = new UnderstudyError('TIMEOUT', 'late').code;",
  },
  {
    needs: { '@understudy/sysmonitor': ['PING_INTERVAL', 'DEAD_PINGS'] },
    code: 'const silentMs: number = PING_INTERVAL * DEAD_PINGS;',
  },
  {
    needs: { '@understudy/kvservice': ['KVClient'] },
    code: "await using kv = new KVClient({ monitors: '127.0.0.1:7000' });\nconst value: Promise<string | undefined> = kv.get('key');\nvoid value;",
  },
];

try {
  main();
} catch (error) {
  if (!(error instanceof StepFailed)) throw error;
  console.error(`FAILED ${error.message}`);
  process.exitCode = 1;
} finally {
  rmSync(temporary, { recursive: true, force: true });
}

function main() {
  build();
  say('built');
  const all = packages().map(packed);
  for (const { name, tarball } of all) {
    run(`publint ${name}`, bin('publint'), ['--strict', tarball]);
    say(`${name}: publint finds nothing`);
    run(`attw ${name}`, bin('attw'), ['--profile', 'esm-only', tarball]);
    say(`${name}: its types resolve`);
  }
  install(all);
  const exports = Object.fromEntries(all.map(({ name }) => [name, importPlainly(name)]));
  for (const { name, manifest } of all)
    for (const command of Object.keys(manifest.bin ?? {})) tryCommand(name, command);
  typeCheck(exports);
}

function packed(each) {
  const { manifest } = each;
  const { tarball, files, bytes } = pack(each, temporary);
  say(`${manifest.name}: packed ${files} files, ${Math.ceil(bytes / 1024)} KiB`);
  return { name: manifest.name, manifest, tarball };
}

/** From the tarballs alone; where the other dependencies cannot be fetched, with those that the repository has. */
function install(all) {
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
  const tarballs = all.map(({ tarball }) => tarball);
  const flags = [
    '--prefer-offline',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--fetch-retries=1',
    '--fetch-timeout=20000',
  ];
  const installed = attempt('npm', ['install', ...flags, ...tarballs], project);
  if (installed.status === 0) return say(`installed ${all.length} tarballs in an empty project`);
  if (!UNFETCHED.test(installed.output)) throw new StepFailed(`npm install of the tarballs\n${installed.output}`);
  for (const each of all) unpackWithLinks(each);
  say(`unpacked ${all.length} tarballs in an empty project, with the repository's dependencies: none could be fetched`);
}

function unpackWithLinks({ name, manifest, tarball }) {
  const target = join(project, 'node_modules', name);
  mkdirSync(target, { recursive: true });
  run(`tar ${name}`, 'tar', ['-xzf', tarball, '-C', target, '--strip-components=1']);
  for (const dependency of Object.keys(manifest.dependencies ?? {})) {
    const link = join(project, 'node_modules', dependency);
    if (dependency.startsWith('@understudy/') || existsSync(link)) continue;
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(root, 'node_modules', dependency), link, 'dir');
  }
  for (const [command, file] of Object.entries(manifest.bin ?? {})) {
    mkdirSync(join(project, 'node_modules', '.bin'), { recursive: true });
    symlinkSync(join(target, file), join(project, 'node_modules', '.bin', command));
  }
}

function importPlainly(name) {
  const code = `console.log(JSON.stringify(Object.keys(await import(${JSON.stringify(name)}))))`;
  const names = JSON.parse(run(`import ${name}`, process.execPath, ['--input-type=module', '--eval', code], project));
  say(`${name}: plain Node imports ${names.length} names`);
  return names;
}

function tryCommand(name, command) {
  run(`${command} --help`, process.execPath, [join(project, 'node_modules', '.bin', command), '--help'], project);
  say(`${name}: ${command} --help works`);
}

function typeCheck(exports) {
  const names = Object.keys(exports);
  const wholes = names.map((name, at) => `import * as whole${at} from '${name}';\nvoid whole${at};`);
  const uses = CONSUMERS.filter(({ needs }) =>
    Object.entries(needs).every(([name, wanted]) => wanted.every((each) => exports[name]?.includes(each))),
  ).map(({ needs, code }) => {
    const imports = Object.entries(needs).map(([name, wanted]) => `import { ${wanted.join(', ')} } from '${name}';`);
    return { imports, code: `{\n${code}\n}` };
  });
  const text = [...wholes, ...uses.flatMap(({ imports }) => imports), ...uses.map(({ code }) => code)].join('\n');
  writeFileSync(join(project, 'consumer.ts'), `${text}\n`);
  const compilerOptions = {
    target: 'ES2023',
    lib: ['ES2023', 'ESNext.Disposable'],
    module: 'NodeNext',
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    types: ['node'],
    typeRoots: [join(root, 'node_modules', '@types')],
    noEmit: true,
  };
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['consumer.ts'] }));
  run('tsc of a consumer', process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', project]);
  say(`a consumer of ${names.length} packages type-checks, with ${uses.length} uses`);
}

function say(what) {
  console.log(`ok ${what}`);
}

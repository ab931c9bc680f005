// Packs the packages into installable tarballs, as `npm publish` would. `pack:all`, `packages` and `release` use it.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** What every tarball must have in it. */
const PARTS = ['dist/index.js', 'dist/index.d.ts', 'src/index.ts', 'LICENSE', 'README.md'];

/** A step of a script failed; the message says which, and what it printed. */
export class StepFailed extends Error {}

/** Runs a script. A step that failed ends it with its message and exit code 1, an option that does not exist with 2. */
export function runScript(main) {
  try {
    main();
  } catch (error) {
    const isUsage = error.code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION';
    if (!isUsage && !(error instanceof StepFailed)) throw error;
    console.error(error.message);
    process.exitCode = isUsage ? 2 : 1;
  }
}

/** Every package: its path and its manifest. A package comes after those that it depends on. */
export function packages() {
  const all = readdirSync(join(root, 'packages'))
    .map((folder) => join(root, 'packages', folder))
    .filter((path) => existsSync(join(path, 'package.json')))
    .map((path) => ({ path, manifest: JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) }));
  const ordered = [];
  const add = (each) => {
    if (each === undefined || ordered.includes(each)) return;
    for (const name of Object.keys(each.manifest.dependencies ?? {})) add(all.find((it) => it.manifest.name === name));
    ordered.push(each);
  };
  all.forEach(add);
  return ordered;
}

/** Compiles everything; what was compiled already is left as it is. */
export function build() {
  run('build', process.execPath, [join('node_modules', 'typescript', 'bin', 'tsc'), '-b']);
}

/** Packs one package into the folder `to`. Gives the path of the tarball, and how many files and bytes it has. */
export function pack({ path, manifest }, to) {
  const output = run(`npm pack ${manifest.name}`, 'npm', ['pack', '--json', '--pack-destination', to], path);
  const [packed] = Object.values(JSON.parse(output));
  const paths = packed.files.map((file) => file.path);
  for (const part of PARTS) if (!paths.includes(part)) throw new StepFailed(`${manifest.name}: no ${part} in it`);
  return { tarball: join(to, packed.filename), files: packed.files.length, bytes: packed.size };
}

/** Gives what the command printed on stdout; throws StepFailed, with all that it printed, when it fails. */
export function run(what, command, args, cwd = root) {
  const { status, output, stdout } = attempt(command, args, cwd);
  if (status !== 0) throw new StepFailed(`${what}\n${output}`);
  return stdout;
}

export function attempt(command, args, cwd) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (error) throw error;
  return { status, stdout, output: `${stdout}${stderr}` };
}

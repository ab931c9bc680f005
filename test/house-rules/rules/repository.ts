/** The repository under test: its sources, its manifests, everything that is tracked. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Manifest } from './import-arrows.ts';
import { parse, type Source } from './source.ts';
import type { TrackedFile } from './tracked-text.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** Never tracked, whatever git says. */
const GENERATED = new Set(['node_modules', 'dist', 'coverage', '.git', '.nx']);

export function packageSources(): Source[] {
  return packageFolders().flatMap((folder) => sourcesUnder(`packages/${folder}/src`));
}

/** TypeScript that is not shipped. */
export function otherSources(): Source[] {
  return ['test', 'examples', 'bench'].flatMap(sourcesUnder);
}

export function manifests(): Record<string, Manifest> {
  return Object.fromEntries(
    packageFolders().map((folder) => [folder, JSON.parse(read(`packages/${folder}/package.json`)) as Manifest]),
  );
}

/** All text that is in the repository, or would be with the next commit. */
export function trackedFiles(): TrackedFile[] {
  return trackedPaths()
    .filter((path) => existsSync(join(ROOT, path)))
    .map((path) => ({ path, text: read(path) }))
    .filter(({ text }) => !text.includes('\0'));
}

function packageFolders(): string[] {
  return readdirSync(join(ROOT, 'packages')).filter((folder) =>
    existsSync(join(ROOT, 'packages', folder, 'package.json')),
  );
}

function sourcesUnder(folder: string): Source[] {
  return filesUnder(folder)
    .filter((path) => path.endsWith('.ts'))
    .map((path) => parse(path, read(path)));
}

function trackedPaths(): string[] {
  if (!existsSync(join(ROOT, '.git'))) return filesUnder('.');
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: ROOT });
  return [...new Set(listed.toString().split('\0').filter(Boolean))];
}

function filesUnder(folder: string): string[] {
  if (!existsSync(join(ROOT, folder))) return [];
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = relative(ROOT, join(ROOT, folder, entry.name))
      .split(sep)
      .join('/');
    if (GENERATED.has(entry.name)) return [];
    return entry.isDirectory() ? filesUnder(path) : [path];
  });
}

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

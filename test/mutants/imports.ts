/** Which files a file loads, directly or through others: read from its imports, so nothing has to be run for it. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';

export class Imports {
  readonly #root: string;
  readonly #known = new Map<string, readonly string[]>();

  constructor(root: string) {
    this.#root = root;
  }

  /** By path from the root, each with how many imports lead there. Types count too: that only makes more tests run. */
  distancesFrom(file: string): ReadonlyMap<string, number> {
    const found = new Map([[file, 0]]);
    for (const [path, steps] of found) {
      for (const next of this.#of(path)) if (!found.has(next)) found.set(next, steps + 1); // the loop comes to it
    }
    return found;
  }

  #of(path: string): readonly string[] {
    const known = this.#known.get(path);
    if (known !== undefined) return known;
    const { importedFiles } = ts.preProcessFile(readFileSync(join(this.#root, path), 'utf8'));
    const files = importedFiles.flatMap(({ fileName }) => this.#fileOf(fileName, path) ?? []);
    this.#known.set(path, files);
    return files;
  }

  #fileOf(name: string, importer: string): string | undefined {
    const path = name.startsWith('@understudy/')
      ? sourceOf(name.slice('@understudy/'.length))
      : relative(this.#root, join(this.#root, dirname(importer), name));
    const isSource = name.startsWith('@understudy/') || name.startsWith('.');
    return isSource && path.endsWith('.ts') && existsSync(join(this.#root, path)) ? path : undefined;
  }
}

/** `kvservice` and `kvservice/contract` alike: each package's entry points are files of its `src`. */
function sourceOf(name: string): string {
  const [folder, entry = 'index'] = name.split('/');
  return `packages/${folder}/src/${entry}.ts`;
}

/**
 * What mistakes are made in, and which tests are to catch them: for each folder of sources the unit tests of its
 * subject.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Imports } from './imports.ts';

export interface Subject {
  /** A folder of sources. */
  readonly folder: string;
  /** Where its tests are: a folder, and how their names begin. */
  readonly tests: readonly (readonly [folder: string, prefix: string])[];
}

export const SUBJECTS: readonly Subject[] = [
  { folder: 'packages/kvservice/src/core', tests: [['test/kvservice/core', '']] },
  { folder: 'packages/kvservice/src/client', tests: [['test/kvservice', 'client-']] },
  { folder: 'packages/kvservice/src/store', tests: [['test/kvservice/disk', '']] },
  { folder: 'packages/sysmonitor/src/core', tests: [['test/sysmonitor', '']] },
];

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export function sourcesOf({ folder }: Subject): readonly string[] {
  return filesIn(folder).filter((file) => file.endsWith('.ts'));
}

/**
 * For each source of a subject the tests that load it, directly or through other files; first those that are nearest to
 * it.
 */
export function testsBySource(subject: Subject): ReadonlyMap<string, readonly string[]> {
  const imports = new Imports(ROOT);
  const steps = testFilesOf(subject).map((test) => [test, imports.distancesFrom(test)] as const);
  return new Map(
    sourcesOf(subject).map((source) => {
      const far = steps.map(([test, distances]) => ({ test, far: distances.get(source) ?? Number.POSITIVE_INFINITY }));
      const loading = far.filter((it) => it.far < Number.POSITIVE_INFINITY).sort((one, other) => one.far - other.far);
      return [source, loading.map(({ test }) => test)];
    }),
  );
}

function testFilesOf({ tests }: Subject): readonly string[] {
  return tests.flatMap(([folder, prefix]) =>
    filesIn(folder).filter((file) => file.startsWith(`${folder}/${prefix}`) && file.endsWith('.test.ts')),
  );
}

function filesIn(folder: string): readonly string[] {
  const names = readdirSync(join(ROOT, folder), { withFileTypes: true }).filter((it) => it.isFile());
  return names.map(({ name }) => `${folder}/${name}`).sort();
}

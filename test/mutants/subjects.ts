/**
 * What mistakes are made in, and which tests are to catch them: for each folder of sources the unit tests of its
 * subject.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Subject {
  /** A folder of sources. */
  readonly folder: string;
  /** Which of its files, by how their names begin; all of them when it is left out. */
  readonly sources?: readonly string[];
  /** False: the simulation has something else in the place of these files, so no seed could catch a mistake in them. */
  readonly isSimulated?: boolean;
  /** Where its tests are: a folder, and how their names begin. */
  readonly tests: readonly (readonly [folder: string, prefix: string])[];
}

export const SUBJECTS: readonly Subject[] = [
  { folder: 'packages/kvservice/src/core', tests: [['test/kvservice/core', '']] },
  { folder: 'packages/kvservice/src/client', tests: [['test/kvservice', 'client-']] },
  { folder: 'packages/kvservice/src/store', tests: [['test/kvservice/disk', '']] },
  { folder: 'packages/sysmonitor/src/core', tests: [['test/sysmonitor', '']] },
  { folder: 'packages/sysmonitor/src', sources: ['view-store.ts'], tests: [['test/sysmonitor', 'view-store']] },
  {
    folder: 'packages/rpc/src',
    sources: ['level-', 'write-ahead-log.ts', 'store-', 'sealed.ts', 'crc32c.ts'],
    isSimulated: false,
    tests: [
      ['test/rpc', 'disk'],
      ['test/rpc', 'sealed'],
    ],
  },
];

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Virtual seconds. */
export const SECONDS_A_SEED = 16;

export function sourcesOf({ folder, sources = [''] }: Subject): readonly string[] {
  const isOne = (file: string) => sources.some((prefix) => file.startsWith(`${folder}/${prefix}`));
  return filesIn(folder).filter((file) => file.endsWith('.ts') && isOne(file));
}

export function testFilesOf({ tests }: Subject): readonly string[] {
  return tests.flatMap(([folder, prefix]) =>
    filesIn(folder).filter((file) => file.startsWith(`${folder}/${prefix}`) && file.endsWith('.test.ts')),
  );
}

function filesIn(folder: string): readonly string[] {
  const names = readdirSync(join(ROOT, folder), { withFileTypes: true }).filter((it) => it.isFile());
  return names.map(({ name }) => `${folder}/${name}`).sort();
}

/** What no file of the repository says: where packages were fetched from, and where things lie on somebody's machine. */
import type { Offence } from './source.ts';

/** Written so that this file does not contain what it looks for. Nobody is called "somebody": examples may say so. */
const FORBIDDEN: readonly { readonly what: string; readonly pattern: RegExp }[] = [
  {
    what: 'a registry host',
    pattern: /\bregistry[.]\w[\w-]*[.]\w|:[/]{2}[^\s"'`/$]*(?:registry|artifactory|verdaccio|nexus)/i,
  },
  {
    what: 'an absolute path of a machine',
    pattern: /(?<![\w.~/)-])[/](?:home(?!\/somebody)|Users|root|work|workspace|mnt|srv|media)[/]\w/,
  },
  { what: 'an absolute path of a machine', pattern: /\b[A-Z]:\\{1,2}(?:Users|home|work)\b/i },
];

export interface TrackedFile {
  readonly path: string;
  readonly text: string;
}

export function checkTrackedText(files: readonly TrackedFile[]): Offence[] {
  return files.flatMap((file) => [...lineOffences(file), ...lockOffences(file)]);
}

function lineOffences({ path, text }: TrackedFile): Offence[] {
  return text
    .split('\n')
    .flatMap((line, at) =>
      FORBIDDEN.filter(({ pattern }) => pattern.test(line)).map(
        ({ what }) => `${path}:${at + 1} names ${what}: ${line.trim().slice(0, 120)}`,
      ),
    );
}

/** A lock file says what, never from where: `resolved` is for links inside the repository. */
function lockOffences({ path, text }: TrackedFile): Offence[] {
  if (!path.endsWith('package-lock.json')) return [];
  return [...text.matchAll(/"resolved": "([a-z+]+:[^"]*)"/g)].map(([, url]) => `${path} resolves to ${url}`);
}

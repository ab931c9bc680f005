/** No file depends on itself by way of others, not even for types. */
import { posix } from 'node:path';
import { importsOf, type Offence, type Source } from './source.ts';

/** One offence for each cycle that a walk over the imports closes. */
export function checkCycles(sources: readonly Source[]): Offence[] {
  const graph = new Map(sources.map((source) => [source.path, targetsOf(source)]));
  const offences: Offence[] = [];
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path);
    if (at !== -1) offences.push(`${path} imports itself: ${[...trail.slice(at), path].join(' -> ')}`);
    if (at !== -1 || done.has(path)) return;
    for (const target of graph.get(path) ?? []) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
  return offences;
}

function targetsOf(source: Source): string[] {
  const folder = posix.dirname(source.path);
  return importsOf(source)
    .filter(({ specifier }) => specifier.startsWith('.'))
    .map(({ specifier }) => posix.normalize(posix.join(folder, specifier)));
}

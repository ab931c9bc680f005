/** What a source file looks like: short, opened by a sentence, without `any` and without default exports. */
import ts from 'typescript';
import { type Offence, offence, type Source, walk } from './source.ts';

export const MOST_LINES = 300;

export function checkLength(sources: readonly Source[]): Offence[] {
  return sources.flatMap(({ path, text }) => {
    const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
    return lines > MOST_LINES ? [`${path} has ${lines} lines, more than ${MOST_LINES}`] : [];
  });
}

export function checkOpening(sources: readonly Source[]): Offence[] {
  return sources
    .filter(({ text }) => !/^\/\*\*(\n \*)? \S/.test(text))
    .map(({ path }) => `${path} does not open with a doc comment`);
}

export function checkAny(sources: readonly Source[]): Offence[] {
  return sources.flatMap((source) =>
    walk(source.tree)
      .filter((node) => node.kind === ts.SyntaxKind.AnyKeyword)
      .map((node) => offence(source, node, 'says `any`')),
  );
}

export function checkDefaultExports(sources: readonly Source[]): Offence[] {
  return sources.flatMap((source) =>
    walk(source.tree)
      .filter(isDefaultExport)
      .map((node) => offence(source, node, 'exports a default')),
  );
}

function isDefaultExport(node: ts.Node): boolean {
  if (ts.isExportAssignment(node)) return true;
  if (ts.isExportSpecifier(node)) return node.name.text === 'default';
  return node.kind === ts.SyntaxKind.DefaultKeyword && !ts.isDefaultClause(node.parent);
}

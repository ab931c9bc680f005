/** One source file, parsed, and what it imports. */
import ts from 'typescript';

export interface Source {
  /** From the repository's root, with slashes. */
  readonly path: string;
  readonly text: string;
  readonly tree: ts.SourceFile;
}

export interface Import {
  readonly specifier: string;
  /** Names of values; "default" and "*" are such names. Empty for an import of types only, or for its effects only. */
  readonly values: readonly string[];
  readonly typeOnly: boolean;
  readonly line: number;
}

/** What a rule finds: `path:line what`. */
export type Offence = string;

export function parse(path: string, text: string): Source {
  return { path, text, tree: ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true) };
}

export function offence(source: Source, node: ts.Node, what: string): Offence {
  return `${source.path}:${lineOf(source.tree, node)} ${what}`;
}

/** Every node, outer ones first. */
export function walk(root: ts.Node): ts.Node[] {
  const nodes: ts.Node[] = [];
  const visit = (node: ts.Node): void => {
    nodes.push(node);
    ts.forEachChild(node, visit);
  };
  visit(root);
  return nodes;
}

/** Everything that this file takes from others, in whatever form. */
export function importsOf({ tree }: Source): Import[] {
  const imports: Import[] = [];
  for (const node of walk(tree)) {
    const found = importAt(node);
    if (found !== undefined) imports.push({ ...found, line: lineOf(tree, node) });
  }
  return imports;
}

function importAt(node: ts.Node): Omit<Import, 'line'> | undefined {
  if (ts.isImportDeclaration(node)) return ofImport(node);
  if (ts.isExportDeclaration(node)) return ofExport(node);
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
    return { specifier: textOf(node.argument.literal), values: [], typeOnly: true };
  if (ts.isImportEqualsDeclaration(node) && ts.isExternalModuleReference(node.moduleReference))
    return { specifier: textOf(node.moduleReference.expression), values: ['*'], typeOnly: node.isTypeOnly };
  if (ts.isCallExpression(node) && isDynamicImport(node))
    return { specifier: textOf(node.arguments[0]), values: ['*'], typeOnly: false };
  return undefined;
}

function ofImport({ importClause, moduleSpecifier }: ts.ImportDeclaration): Omit<Import, 'line'> {
  const specifier = textOf(moduleSpecifier);
  if (importClause === undefined) return { specifier, values: [], typeOnly: false };
  if (importClause.phaseModifier === ts.SyntaxKind.TypeKeyword) return { specifier, values: [], typeOnly: true };
  const values = importClause.name === undefined ? [] : ['default'];
  const { namedBindings } = importClause;
  if (namedBindings !== undefined && ts.isNamespaceImport(namedBindings)) values.push('*');
  if (namedBindings !== undefined && ts.isNamedImports(namedBindings))
    values.push(...valuesAmong(namedBindings.elements));
  return { specifier, values, typeOnly: values.length === 0 };
}

function ofExport({
  exportClause,
  moduleSpecifier,
  isTypeOnly,
}: ts.ExportDeclaration): Omit<Import, 'line'> | undefined {
  if (moduleSpecifier === undefined) return undefined;
  const specifier = textOf(moduleSpecifier);
  if (isTypeOnly) return { specifier, values: [], typeOnly: true };
  if (exportClause === undefined || ts.isNamespaceExport(exportClause))
    return { specifier, values: ['*'], typeOnly: false };
  const values = valuesAmong(exportClause.elements);
  return { specifier, values, typeOnly: values.length === 0 };
}

function valuesAmong(elements: ts.NodeArray<ts.ImportSpecifier> | ts.NodeArray<ts.ExportSpecifier>): string[] {
  return [...elements]
    .filter((element) => !element.isTypeOnly)
    .map(({ propertyName, name }) => (propertyName ?? name).text);
}

function isDynamicImport({ expression }: ts.CallExpression): boolean {
  return (
    expression.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(expression) && expression.text === 'require')
  );
}

/** Of a computed specifier the source text, which is no module's name: so it is found by whoever checks names. */
function textOf(node: ts.Node | undefined): string {
  if (node === undefined) return '';
  return ts.isStringLiteralLike(node) ? node.text : node.getText();
}

function lineOf(tree: ts.SourceFile, node: ts.Node): number {
  return tree.getLineAndCharacterOfPosition(node.getStart()).line + 1;
}

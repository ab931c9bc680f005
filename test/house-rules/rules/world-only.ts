/** Time, timers and randomness come from the world: nobody else touches the platform's (D1). */
import ts from 'typescript';
import { importsOf, type Offence, offence, type Source, walk } from './source.ts';

/** The one real implementation each; what drains the promises of the simulated world; and the guard against all others. */
const REAL = [
  'packages/rpc/src/real-clock.ts',
  'packages/rpc/src/real-random.ts',
  'packages/testkit/src/world/virtual-clock.ts',
  'packages/testkit/src/world/guard-globals.ts',
];

/** Not to be named at all. `clearTimeout` and the like are harmless. */
const FORBIDDEN_NAMES = ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'performance', 'scheduler'];

/** Not to be read from these; whoever has the whole object at hand, or asks for a computed name, is an offender too. */
const FORBIDDEN_MEMBERS: Readonly<Record<string, readonly string[]>> = {
  Math: ['random'],
  process: ['nextTick', 'hrtime', 'uptime'],
  crypto: ['randomUUID', 'getRandomValues'],
  AbortSignal: ['timeout'],
  Date: ['now'],
};

const FORBIDDEN_IMPORTS: Readonly<Record<string, RegExp>> = {
  'node:timers': /./,
  'node:timers/promises': /./,
  'node:perf_hooks': /^(performance|default|\*)$/,
  'node:crypto': /^(random.*|getRandomValues|webcrypto|default|\*)$/,
  'node:process': /./,
};

export function checkWorldOnly(sources: readonly Source[]): Offence[] {
  return sources
    .filter(({ path }) => !REAL.includes(path))
    .flatMap((source) => [...importOffences(source), ...nameOffences(source)]);
}

function importOffences(source: Source): Offence[] {
  return importsOf(source).flatMap(({ specifier, values, line }) => {
    const forbidden = FORBIDDEN_IMPORTS[specifier.startsWith('node:') ? specifier : `node:${specifier}`];
    const names = values.filter((name) => forbidden?.test(name));
    return names.map((name) => `${source.path}:${line} imports ${name} from ${specifier}: take it from the world`);
  });
}

function nameOffences(source: Source): Offence[] {
  const offences: Offence[] = [];
  for (const node of walk(source.tree)) {
    if (!ts.isIdentifier(node) || !isFreeName(node)) continue;
    const what = misuseOf(node);
    if (what !== undefined) offences.push(offence(source, node, `uses ${what}: take it from the world`));
  }
  return offences;
}

/** A name that stands for something, not the name of a member, a property or an import. */
function isFreeName(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) && parent.name === node) return isGlobalObject(parent.expression);
  if (ts.isImportSpecifier(parent) || ts.isExportSpecifier(parent)) return false;
  if (ts.isBindingElement(parent) && parent.propertyName === node) return false;
  if (ts.isShorthandPropertyAssignment(parent)) return true;
  return !('name' in parent && parent.name === node);
}

function isGlobalObject(node: ts.Node): boolean {
  return ts.isIdentifier(node) && ['globalThis', 'global'].includes(node.text);
}

function misuseOf(node: ts.Identifier): string | undefined {
  const name = node.text;
  if (FORBIDDEN_NAMES.includes(name)) return isType(node) ? undefined : name;
  if (!Object.hasOwn(FORBIDDEN_MEMBERS, name) || isType(node)) return undefined;
  const { parent } = node;
  const whole = ts.isPropertyAccessExpression(parent) && parent.name === node ? parent : node;
  const use = whole.parent;
  if (ts.isPropertyAccessExpression(use) && use.expression === whole) {
    const member = use.name.text;
    return FORBIDDEN_MEMBERS[name]?.includes(member) ? `${name}.${member}` : undefined;
  }
  if (ts.isNewExpression(use) && use.expression === whole) {
    return name === 'Date' && (use.arguments ?? []).length === 0 ? 'new Date()' : undefined;
  }
  if (ts.isBinaryExpression(use) && use.operatorToken.kind === ts.SyntaxKind.InstanceOfKeyword) return undefined;
  return `${name} as a whole`;
}

function isType(node: ts.Node): boolean {
  return ts.isTypeReferenceNode(node.parent) || ts.isQualifiedName(node.parent) || ts.isTypeQueryNode(node.parent);
}

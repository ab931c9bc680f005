/**
 * The mistakes that can be made by rule in one source file. Each is one replacement of text, so the file on disk stays
 * as it is. They are found in the syntax tree: a `<` in a comment or in a type is none.
 */
import ts from 'typescript';

export type Rule = (typeof RULES)[number];

export const RULES = [
  'condition negated',
  'comparison moved',
  'statement left out',
  'arguments swapped',
  'await dropped',
] as const;

export interface Mutation {
  readonly rule: Rule;
  /** The first is 1. */
  readonly line: number;
  /** Where in the text it begins and ends. */
  readonly start: number;
  readonly end: number;
  readonly before: string;
  readonly after: string;
}

/** In the order of the text. */
export function mutationsOf(text: string): readonly Mutation[] {
  const source = ts.createSourceFile('source.ts', text, ts.ScriptTarget.Latest, true);
  const found: Mutation[] = [];
  const visit = (node: ts.Node): void => {
    for (const [rule, place, after] of mistakesIn(node)) {
      const start = place.getStart(source);
      const before = place.getText(source);
      const line = source.getLineAndCharacterOfPosition(start).line + 1;
      if (after !== before) found.push({ rule, line, start, end: place.getEnd(), before, after });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found.sort((one, other) => one.start - other.start);
}

export function mutated(text: string, { start, end, after }: Mutation): string {
  return text.slice(0, start) + after + text.slice(end);
}

type Mistake = readonly [rule: Rule, place: ts.Node, after: string];

function mistakesIn(node: ts.Node): readonly Mistake[] {
  return [...negated(node), ...moved(node), ...leftOut(node), ...swapped(node), ...notAwaited(node)];
}

function negated(node: ts.Node): readonly Mistake[] {
  const isLoopOrIf = ts.isIfStatement(node) || ts.isWhileStatement(node) || ts.isDoStatement(node);
  const condition = isLoopOrIf ? node.expression : ts.isConditionalExpression(node) ? node.condition : undefined;
  return condition === undefined ? [] : [['condition negated', condition, `!(${condition.getText()})`]];
}

function moved(node: ts.Node): readonly Mistake[] {
  if (!ts.isBinaryExpression(node)) return [];
  const after = NEIGHBOURS[node.operatorToken.getText()];
  return after === undefined ? [] : [['comparison moved', node.operatorToken, after]];
}

/** Of `===` there is no neighbour: its opposite is another mistake. */
const NEIGHBOURS: Readonly<Record<string, string>> = { '<': '<=', '<=': '<', '>': '>=', '>=': '>' };

/** Calls and assignments; and `return`, `continue` and `break` without a value, which end something early. */
function leftOut(node: ts.Node): readonly Mistake[] {
  const endsEarly = ts.isContinueStatement(node) || (ts.isReturnStatement(node) && node.expression === undefined);
  const acts = ts.isExpressionStatement(node) && !isSuperCall(node.expression) && !isAssertion(node.expression);
  return acts || endsEarly ? [['statement left out', node, ';']] : [];
}

/** To leave one out changes nothing while what it asserts holds. */
function isAssertion(node: ts.Expression): boolean {
  return ts.isCallExpression(node) && node.expression.getText() === 'assert';
}

function isSuperCall(node: ts.Expression): boolean {
  return ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.SuperKeyword;
}

function swapped(node: ts.Node): readonly Mistake[] {
  if (!ts.isCallExpression(node) && !ts.isNewExpression(node)) return [];
  if (ORDERLESS.includes(node.expression.getText())) return [];
  const [first, second] = node.arguments ?? [];
  if (first === undefined || second === undefined || isFunction(first) || isFunction(second)) return [];
  const text = node.getText();
  const at = (place: ts.Node) => place.getStart() - node.getStart();
  const between = text.slice(at(first) + first.getText().length, at(second));
  const rest = text.slice(at(second) + second.getText().length);
  return [['arguments swapped', node, text.slice(0, at(first)) + second.getText() + between + first.getText() + rest]];
}

/** To swap their arguments changes nothing; of an assertion, as long as what it asserts holds. */
const ORDERLESS: readonly string[] = ['Math.min', 'Math.max', 'assert'];

function isFunction(node: ts.Node): boolean {
  return ts.isArrowFunction(node) || ts.isFunctionExpression(node);
}

function notAwaited(node: ts.Node): readonly Mistake[] {
  return ts.isAwaitExpression(node) ? [['await dropped', node, node.expression.getText()]] : [];
}

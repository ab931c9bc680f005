/**
 * One text of a source that holds all of its mistakes, each behind a switch: `a < b` becomes
 * `(mutant(7) ? a <= b : a < b)`. So a process loads its tests once and tries one mistake after the other, by turning
 * one switch on; to start a process for each mistake costs far more than the tests do.
 */
import ts from 'typescript';
import { type Mutation, mutationsOf } from './mutations.ts';

/** The global function that the text calls: whether this mistake is turned on. */
export const SWITCH = '__mutant';

/** The switches are numbered from `first`, in the order of `mutationsOf(text)`. */
export function switched(text: string, first: number): string {
  const source = ts.createSourceFile('source.ts', text, ts.ScriptTarget.Latest, true);
  const ids = new Map(mutationsOf(text).map((mutation, at) => [keyOf(mutation), first + at]));
  const idOf = (rule: Mutation['rule'], { start, end }: Span) => ids.get(keyOf({ rule, start, end }));
  return new Switching(source, idOf).textOf(source);
}

interface Span {
  readonly start: number;
  readonly end: number;
}

function keyOf({ rule, start, end }: Pick<Mutation, 'rule' | 'start' | 'end'>): string {
  return `${rule} ${start} ${end}`;
}

class Switching {
  readonly #source: ts.SourceFile;
  readonly #idOf: (rule: Mutation['rule'], span: Span) => number | undefined;

  constructor(source: ts.SourceFile, idOf: (rule: Mutation['rule'], span: Span) => number | undefined) {
    this.#source = source;
    this.#idOf = idOf;
  }

  /** The node's text, with the switches of all that is in it. */
  textOf(node: ts.Node): string {
    const plain = this.#between(node);
    const span = this.#spanOf(node);
    if (ts.isStatement(node)) {
      const id = this.#idOf('statement left out', span);
      return id === undefined ? plain : `{ if (!${SWITCH}(${id})) ${plain} }`;
    }
    const own = this.#comparison(node) ?? this.#swapped(node, plain) ?? this.#awaited(node, plain) ?? plain;
    const negated = this.#idOf('condition negated', span);
    return negated === undefined ? own : `(${SWITCH}(${negated}) !== Boolean(${own}))`;
  }

  #spanOf(node: ts.Node): Span {
    return { start: node.getStart(this.#source), end: node.getEnd() };
  }

  #between(node: ts.Node, replaced: ReadonlyMap<ts.Node, string> = new Map()): string {
    const parts: string[] = [];
    let at = ts.isSourceFile(node) ? 0 : node.getStart(this.#source);
    ts.forEachChild(node, (child) => {
      const { start, end } = this.#spanOf(child);
      if (start >= end || start < at) return;
      parts.push(this.#source.text.slice(at, start), replaced.get(child) ?? this.textOf(child));
      at = end;
    });
    return parts.join('') + this.#source.text.slice(at, node.getEnd());
  }

  #comparison(node: ts.Node): string | undefined {
    if (!ts.isBinaryExpression(node)) return undefined;
    const id = this.#idOf('comparison moved', this.#spanOf(node.operatorToken));
    if (id === undefined) return undefined;
    const [left, right] = [this.textOf(node.left), this.textOf(node.right)];
    const operator = node.operatorToken.getText(this.#source);
    const moved = operator.length === 2 ? operator.slice(0, 1) : `${operator}=`;
    return `(${SWITCH}(${id}) ? ${left} ${moved} ${right} : ${left} ${operator} ${right})`;
  }

  #swapped(node: ts.Node, plain: string): string | undefined {
    const id = this.#idOf('arguments swapped', this.#spanOf(node));
    if (id === undefined || !(ts.isCallExpression(node) || ts.isNewExpression(node))) return undefined;
    // Parentheses around `a?.f(b, c)` would end the chain in `a?.f(b, c).d`.
    if (ts.isOptionalChain(node) && ts.isOptionalChain(node.parent)) throw new Error(`no switch for ${plain}`);
    const [first, second] = node.arguments ?? [];
    if (first === undefined || second === undefined) return undefined;
    const replaced = new Map([
      [first, this.textOf(second)],
      [second, this.textOf(first)],
    ]);
    return `(${SWITCH}(${id}) ? ${this.#between(node, replaced)} : ${plain})`;
  }

  #awaited(node: ts.Node, plain: string): string | undefined {
    const id = this.#idOf('await dropped', this.#spanOf(node));
    if (id === undefined || !ts.isAwaitExpression(node)) return undefined;
    return `(${SWITCH}(${id}) ? ${this.textOf(node.expression)} : ${plain})`;
  }
}

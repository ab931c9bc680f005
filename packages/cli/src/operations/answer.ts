/** What came of an operation: the answer itself, and what `--json` prints of it. */

export type Answer = AnswerKind & {
  /** What `--json` prints; of a list, which is printed entry by entry, nothing. */
  readonly json: object;
};

type AnswerKind =
  | {
      /** A write was done: its place in the order of all writes. */
      readonly kind: 'revision';
      readonly revision: number;
    }
  | { readonly kind: 'value'; readonly value: string }
  | { readonly kind: 'absent'; readonly key: string }
  | {
      readonly kind: 'verdict';
      readonly yes: boolean;
      /** No means that what was wanted was not done. */
      readonly noIsFailure: boolean;
    }
  | { readonly kind: 'listed'; readonly entries: number }
  | {
      /** Several lines for people. */
      readonly kind: 'report' | 'help';
      readonly text: string;
    };

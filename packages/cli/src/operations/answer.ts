/** The answer to an operation, and what `--json` prints. */

export type Answer = AnswerKind & {
  /** What `--json` prints. Nothing for a list, which is printed entry by entry. */
  readonly json: object;
};

type AnswerKind =
  | {
      /** A write was done. The revision is its place in the order of all writes. */
      readonly kind: 'revision';
      readonly revision: number;
    }
  | { readonly kind: 'value'; readonly value: string }
  | { readonly kind: 'absent'; readonly key: string }
  | {
      readonly kind: 'verdict';
      readonly yes: boolean;
      /** `no` means that the requested change was not made. */
      readonly noIsFailure: boolean;
    }
  | { readonly kind: 'listed'; readonly entries: number }
  | {
      /** Several lines for people. */
      readonly kind: 'report' | 'help';
      readonly text: string;
    };

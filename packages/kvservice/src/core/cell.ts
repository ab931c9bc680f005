/** A value and its revision, the index of the entry that put it there. */
export interface Cell {
  readonly value: string;
  readonly revision: number;
}

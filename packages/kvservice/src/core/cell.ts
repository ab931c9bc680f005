/** A value and its revision, which is the index of the entry that wrote it. */
export interface Cell {
  readonly value: string;
  readonly revision: number;
}

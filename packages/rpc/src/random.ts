/** Randomness as a process sees it: taken from here, never from the globals (D1). */

export interface Random {
  /** A number drawn evenly from [0, 1). */
  number(): number;
  /** `count` random bytes. */
  bytes(count: number): Uint8Array;
}

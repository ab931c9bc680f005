/**
 * The randomness of a process. All code takes random values from here, never from the globals (D1), so that a seed
 * repeats a run.
 */

export interface Random {
  /** A number drawn uniformly from [0, 1). */
  number(): number;
  /** `count` random bytes. */
  bytes(count: number): Uint8Array;
}

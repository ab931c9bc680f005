/** How a conformance suite lets time pass: by waiting for it, or by moving a simulated clock on. */

export interface Passage {
  /** Lets at least `ms` milliseconds pass, and everything happen that falls due in them. */
  advance(ms: number): Promise<void>;
  /** Lets time pass until `promise` settles, and gives its outcome. */
  until<T>(promise: Promise<T>): Promise<T>;
  /** Called after the test: nothing may be left over. */
  cleanup(): Promise<void>;
}

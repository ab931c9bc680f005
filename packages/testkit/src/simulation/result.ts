/** The result of a simulated run. */

export interface SimulationResult {
  readonly seed: number | string;
  /** Equal for every run of the same seed and options, and almost certainly different for two runs that differ. */
  readonly digest: string;
  /** The number of operations that the built-in clients began; 0 if your own code ran instead. */
  readonly operations: number;
  /** The number of events of the world, in all processes. */
  readonly events: number;
  /** Empty if every property held. The run ends at the first violation; others found at the same moment follow it. */
  readonly violations: readonly Violation[];
  /** How often each class of faults struck. */
  readonly faults: Readonly<Record<string, number>>;
  /** How often each situation occurred that a batch of seeds must reach. */
  readonly coverage: Readonly<Record<string, number>>;
  /**
   * Why the service could not continue after the faults although no rule was broken, such as one failure too many. ""
   * if it did continue.
   */
  readonly halted: string;
  /** The number of keys whose history the checker could not decide within its budget. */
  readonly undecidedKeys: number;
  /** Virtual seconds. Fewer than requested if the run was halted. */
  readonly seconds: number;
}

export interface Violation {
  /** The property that did not hold. */
  readonly property: string;
  /** The rules of docs/PROTOCOL.md; "" if none applies. */
  readonly rules: string;
  /** What was observed, in words. */
  readonly message: string;
  /** Virtual milliseconds since the start. */
  readonly atMs: number;
}

/** What came of a simulated run. */

export interface SimulationResult {
  readonly seed: number | string;
  /** The same for every run of the same seed and options; as good as never for two that differ. */
  readonly digest: string;
  /** Operations that the built-in clients began; 0 with your own code in their place. */
  readonly operations: number;
  /** Events of the world: everything that happened to any process. */
  readonly events: number;
  /** Empty: every property held. The run ends at the first; what else the same moment showed comes behind it. */
  readonly violations: readonly Violation[];
  /** How often each class of faults struck. */
  readonly faults: Readonly<Record<string, number>>;
  /** How often each situation arose that a batch of seeds should have seen. */
  readonly coverage: Readonly<Record<string, number>>;
  /** Why the service could not go on after the faults although no rule was broken, such as a second failure too many; "" where it did. */
  readonly halted: string;
  /** Keys whose history the checker could not decide about within its budget. */
  readonly undecidedKeys: number;
  /** Virtual seconds; fewer than were asked for where the run was halted. */
  readonly seconds: number;
}

export interface Violation {
  /** The property that did not hold. */
  readonly property: string;
  /** Of docs/PROTOCOL.md; "" where it is none of them. */
  readonly rules: string;
  /** What was seen, in words. */
  readonly message: string;
  /** Virtual milliseconds since the start. */
  readonly atMs: number;
}

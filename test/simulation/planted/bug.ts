/** A planted bug: a mistake that a good engineer could make, as a change to the text of the sources. */

import type { FaultClass } from '@understudy/testkit';

export interface PlantedBug {
  /** In few words, what the code does wrong. */
  readonly name: string;
  /** Of docs/PROTOCOL.md: what it breaks. */
  readonly rule: string;
  /** How one comes to make it, and what harm it does. */
  readonly why: string;
  readonly edits: readonly Edit[];
  /**
   * Only these faults strike, in every seed, where the usual mixture brings them together too seldom. Default: all, as
   * the seed draws them.
   */
  readonly faults?: readonly FaultClass[];
}

export interface Edit {
  /** Below packages/. */
  readonly file: string;
  /** Text that is there exactly once. */
  readonly find: string;
  readonly replace: string;
}

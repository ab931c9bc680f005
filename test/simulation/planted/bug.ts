/** A planted bug: a mistake that a good engineer could make, as a change to the text of the sources. */

import type { FaultClass, Shape } from '@understudy/testkit';

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
  /** Every seed has this shape, where only runs of that shape reach the code. Default: as the seed draws it. */
  readonly shape?: Shape;
}

export interface Edit {
  /** Below packages/. */
  readonly file: string;
  /** Text that is there exactly once. */
  readonly find: string;
  readonly replace: string;
}

/** A planted bug: a mistake that a good engineer could make, as a change to the text of the sources. */

export interface PlantedBug {
  /** In few words, what the code does wrong. */
  readonly name: string;
  /** Of docs/PROTOCOL.md: what it breaks. */
  readonly rule: string;
  /** How one comes to make it, and what harm it does. */
  readonly why: string;
  readonly edits: readonly Edit[];
}

export interface Edit {
  /** Below packages/. */
  readonly file: string;
  /** Text that is there exactly once. */
  readonly find: string;
  readonly replace: string;
}

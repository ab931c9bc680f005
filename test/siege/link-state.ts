/** What happens to the bytes that one node sends to another. */

export interface LinkState {
  /** Nothing gets through. The bytes wait, and arrive when the link works again, as with TCP. */
  readonly cut: boolean;
  readonly delayMs: number;
  /** Up to so much more delay, drawn for each piece. The order stays. */
  readonly jitterMs: number;
  /** Probability that a piece is lost and sent again, which delays it and all that follows. */
  readonly loss: number;
  /** Probability that a piece ends its connection instead. */
  readonly reset: number;
  readonly bytesPerSecond: number;
}

export const CLEAR: LinkState = {
  cut: false,
  delayMs: 0,
  jitterMs: 0,
  loss: 0,
  reset: 0,
  bytesPerSecond: Number.POSITIVE_INFINITY,
};

/** Of several faults on one link, the worst of each kind counts. */
export function worstOf(states: readonly Partial<LinkState>[]): LinkState {
  return states.reduce<LinkState>(
    (worst, state) => ({
      cut: worst.cut || state.cut === true,
      delayMs: Math.max(worst.delayMs, state.delayMs ?? 0),
      jitterMs: Math.max(worst.jitterMs, state.jitterMs ?? 0),
      loss: Math.max(worst.loss, state.loss ?? 0),
      reset: Math.max(worst.reset, state.reset ?? 0),
      bytesPerSecond: Math.min(worst.bytesPerSecond, state.bytesPerSecond ?? Number.POSITIVE_INFINITY),
    }),
    CLEAR,
  );
}

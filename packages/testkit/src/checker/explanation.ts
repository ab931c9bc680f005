/** Explains a violation: finds the contradicting operations of a key, and draws them. */
import { alternatives } from './alternatives.ts';
import type { History, Scalar } from './history.ts';
import type { Operation } from './operation.ts';
import { ShareOfWork } from './share-of-work.ts';
import { stretchOf } from './stretch.ts';
import { timeline } from './timeline.ts';
import type { StretchEvent, Violation } from './violation.ts';

/** @param operations The operations of `key`, which are a violation. */
export function explainViolation(
  history: History,
  key: string,
  operations: readonly Operation[],
  init: Scalar,
): Violation {
  const work = new ShareOfWork();
  const stretch = stretchOf(operations, init, work);
  const { impossible, from = null, minimal } = stretch;
  const events = stretch.operations.map(({ index }) => ({ index, ...history.events[index] }) as StretchEvent);
  const possible = alternatives(stretch, init, work);
  const others = operations.filter(({ call }) => call <= impossible.end).length - events.length;
  const violation = { key, events, impossible: impossible.index, possible, from, others, minimal };
  return { ...violation, text: timeline(violation, init) };
}

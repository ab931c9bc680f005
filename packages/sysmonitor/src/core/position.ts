/** Positions in logs, in the one order that counts (R10). */
import type { Position } from '../contract.ts';

/** Below zero when `one` is less up to date than `other`; a server that told no position is the least. */
export function comparePositions(one: Position | undefined, other: Position | undefined): number {
  if (one === undefined || other === undefined) return Number(one !== undefined) - Number(other !== undefined);
  return one.viewnum - other.viewnum || one.index - other.index;
}

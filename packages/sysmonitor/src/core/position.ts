/** Compares log positions by viewnum, then index (R10). */
import type { Position } from '../contract.ts';

/** Below zero if `one` is less up to date than `other`. A server that reported no position comes last. */
export function comparePositions(one: Position | undefined, other: Position | undefined): number {
  if (one === undefined || other === undefined) return Number(one !== undefined) - Number(other !== undefined);
  return one.viewnum - other.viewnum || one.index - other.index;
}

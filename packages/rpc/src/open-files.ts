/** How many files and sockets this process may have open: there must be some left for its disk when strangers take many. */
import { readFileSync } from 'node:fs';

/** Where the system does not say. */
const UNKNOWN = 1_024;

/** The soft limit, which Node raises to the hard one when it starts. */
export function mostOpenFiles(): number {
  const found = /^Max open files\s+(\d+|unlimited)/m.exec(limitsOfProcess());
  if (found === null) return UNKNOWN;
  return found[1] === 'unlimited' ? Infinity : Number(found[1]);
}

/** Linux has this file; elsewhere the number is taken for unknown. */
function limitsOfProcess(): string {
  try {
    return readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return '';
  }
}

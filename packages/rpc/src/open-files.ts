/**
 * The number of files and sockets that this process may open. Some must remain for its disk when strangers open many
 * connections.
 */
import { readFileSync } from 'node:fs';

/** Used if the system does not report a limit. */
const UNKNOWN = 1_024;

/** Returns the soft limit, which Node raises to the hard limit at start. */
export function mostOpenFiles(): number {
  const found = /^Max open files\s+(\d+|unlimited)/m.exec(limitsOfProcess());
  if (found === null) return UNKNOWN;
  return found[1] === 'unlimited' ? Infinity : Number(found[1]);
}

/** Only Linux has this file. Elsewhere the limit counts as unknown. */
function limitsOfProcess(): string {
  try {
    return readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return '';
  }
}

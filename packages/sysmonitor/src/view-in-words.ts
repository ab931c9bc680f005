/** Describes a view in words. */
import type { View } from './contract.ts';

/** For example "view 3: primary a:1, backup b:2 (syncing)". */
export function viewInWords({ viewnum, primary, backups, syncing }: View): string {
  const seats = backups.map((backup) => (syncing.includes(backup) ? `${backup} (syncing)` : backup));
  return `view ${viewnum}: primary ${primary}, ${seats.length === 0 ? 'no backup' : `${plural(seats.length, 'backup')} ${seats.join(', ')}`}`;
}

function plural(count: number, noun: string): string {
  return count === 1 ? noun : `${noun}s`;
}

/**
 * Describes the choice of an operator who may end the wait of a recovering monitor: how much each server holds, and
 * what would be lost.
 */
import type { ServerSighting, Waiting } from '@understudy/sysmonitor';
import { printableLines } from '../output/printable.ts';
import { table } from '../table.ts';
import { count } from '../words.ts';

export type Standing = Waiting & { readonly kind: 'reports' };

export function standingInWords(
  { servers: awaited, viewnum, holders }: Standing,
  servers: readonly ServerSighting[],
): string {
  const [heir] = holders;
  // With several clusters, the monitor waits for the primary of one although it has reported.
  const missing = awaited.filter((server) => !holders.includes(server));
  const others = missing.length > 0 ? missing : holders.slice(1);
  const who = others.join(' and ');
  const [has, holds, is] = others.length > 1 ? ['have', 'hold', 'are'] : ['has', 'holds', 'is'];
  const trouble =
    missing.length > 0
      ? `${who} ${has} not reported, and may have taken part in view ${viewnum} or a later one.`
      : 'These servers belong to several clusters, and which of them this monitor ruled is not known.';
  return printableLines(`
${trouble}

${table([['SERVER', 'HOLDS ALL UP TO', 'ITS LOG ENDS AT'], ...holders.map((holder) => row(holder, servers))])}

Logs compare by the view of their last entry, and then by its number. A disk may have come back older than it was.
To go on with ${heir}, which holds the most, loses every write that only ${who} ${holds}.
Make sure that ${who} ${is} dead: whoever still served would be a second primary.
Whoever comes back later needs an empty data directory: what it held is not taken in.
`);
}

function row(holder: string, servers: readonly ServerSighting[]): readonly string[] {
  const { viewnum = 0, position } = servers.find(({ server }) => server === holder) ?? {};
  const end = position === undefined ? '-' : `entry ${count(position.index)} of view ${position.viewnum}`;
  return [holder, `view ${viewnum}`, end];
}

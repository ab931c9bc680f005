/** What an operator decides by who may end the wait of a monitor that recovers: who holds how much, and what would be lost. */
import type { ServerSighting, Waiting } from '@understudy/sysmonitor';
import { table } from '../table.ts';
import { count } from '../words.ts';

export type Standing = Waiting & { readonly kind: 'reports' };

export function standingInWords(
  { servers: missing, viewnum, holders }: Standing,
  servers: readonly ServerSighting[],
): string {
  const [heir] = holders;
  const who = missing.join(' and ') || 'one of two clusters';
  const [has, holds, is] = missing.length > 1 ? ['have', 'hold', 'are'] : ['has', 'holds', 'is'];
  return `
${who} ${has} not reported, and may have taken part in view ${viewnum} or a later one.

${table([['SERVER', 'HOLDS ALL UP TO', 'ITS LOG ENDS AT'], ...holders.map((holder) => row(holder, servers))])}

To go on with ${heir}, which holds the most, loses every write that only ${who} ${holds}.
Make sure that ${who} ${is} dead: whoever still served would be a second primary.
Whoever comes back later needs an empty data directory: what it held is not taken in.
`;
}

function row(holder: string, servers: readonly ServerSighting[]): readonly string[] {
  const { viewnum = 0, position } = servers.find(({ server }) => server === holder) ?? {};
  return [holder, `view ${viewnum}`, position === undefined ? '-' : `entry ${count(position.index)}`];
}

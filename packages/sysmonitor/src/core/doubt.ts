/** Doubt: which pings are believed only when the server in whose name they come confirms them at its address. */

// Whoever reaches the port may send a ping with any name in it. What it could do by that would last: a number that no server holds
// makes the monitor wait for ever (V12), and a greater incarnation ends the server that is really there (V11). So a run shows by
// its secret that a ping is its own, and the monitor learns the secret from nobody but the run itself. A monitor that
// restarted knows no secrets, but it knows which runs had one: nobody else may speak for these first. Where servers
// show secrets, a ping that names a run and shows none is of no server. Bare pings, which name no run, are those of the
// 6.824 lab. They are doubted only where they claim what no view of this monitor explains.
import type { Identity, Ping, View } from '../contract.ts';
import { clusterOf } from './recovery.ts';
import type { Roster } from './roster.ts';
import { isReplaced, runOf } from './rules.ts';
import type { Tenure } from './state.ts';

export interface MonitorDoubt {
  /** The server showed a secret before, to this run of the monitor or to a former one. */
  readonly isKnown: boolean;
}

/** `view`: undefined while the monitor has none that it trusts. */
export function isDoubtful(ping: Ping, roster: Roster, view: View | undefined): boolean {
  const known = roster.find(ping.server);
  // It is refused without more ado, and changes nothing.
  if (isReplaced(known, ping)) return false;
  const isKnownRun = known !== undefined && known.incarnation === runOf(ping);
  if (isKnownRun && known.secret === ping.secret && ping.secret !== undefined) return false;
  const isOtherRun = known !== undefined && !isKnownRun;
  return ping.secret !== undefined || isOtherRun || claimsMore(ping, view) || lacksSecret(ping, roster);
}

function lacksSecret(ping: Ping, roster: Roster): boolean {
  if (ping.secret !== undefined) return false;
  return roster.find(ping.server)?.hasSecret === true || (runOf(ping) !== '' && roster.showsSecrets);
}

/** Something that this monitor did not give: it would change what the monitor believes of the whole cluster (V12). */
export function claimsMore(ping: Ping, view: View | undefined): boolean {
  const told = Math.max(ping.viewnum, ping.view?.viewnum ?? 0);
  const cluster = clusterOf(ping);
  if (view === undefined) return told > 0 || cluster !== undefined;
  return told > view.viewnum && cluster === view.cluster;
}

/**
 * No member of the view has shown a secret since this monitor started. Anybody may have begun such a view, before the
 * servers came. So it does not bind a server that shows one.
 */
export function isOfStrangers(tenure: Tenure | undefined, roster: Roster): boolean {
  if (tenure === undefined) return false;
  return tenure.seats.every(({ server }) => {
    const sighting = roster.find(server);
    return sighting?.heardAt !== undefined && !sighting.hasSecret;
  });
}

/** What the server says of itself at its address is what the ping says. */
export function confirms(identity: Identity, ping: Ping): boolean {
  const { server, incarnation, view, isOwnSecret } = identity;
  const told = Math.max(ping.viewnum, ping.view?.viewnum ?? 0);
  const cluster = clusterOf(ping);
  return (
    isOwnSecret &&
    server === ping.server &&
    incarnation === runOf(ping) &&
    view.viewnum >= told &&
    (cluster === undefined || view.cluster === cluster)
  );
}

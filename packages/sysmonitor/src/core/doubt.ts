/** Decides which pings the monitor believes only after the named server has confirmed them at its own address. */

// Anyone who reaches the port can send a ping with any name in it, and the damage would last: a viewnum that no server
// holds makes the monitor wait forever (V12), and a greater incarnation ends the real server (V11). So each incarnation
// proves its pings with a secret, and the monitor learns the secret only from that incarnation itself. A restarted
// monitor knows no secrets, but it knows which incarnations had one, and no other sender may speak for these first.
// Once servers show secrets, a ping that names an incarnation without a secret comes from no server of the cluster.
// Bare pings of the 6.824 lab name no incarnation. They are doubted only if they claim something that no view of this
// monitor explains.
import type { Identity, Ping, View } from '../contract.ts';
import { clusterOf } from './recovery.ts';
import type { Roster } from './roster.ts';
import { isReplaced, runOf } from './rules.ts';
import type { Tenure } from './state.ts';

export interface MonitorDoubt {
  /** The server showed a confirmed secret before, to this run of the monitor or to an earlier one. */
  readonly isKnown: boolean;
}

/** `view` is undefined while the monitor has no view that it trusts. */
export function isDoubtful(ping: Ping, roster: Roster, view: View | undefined): boolean {
  const known = roster.find(ping.server);
  // Such a ping is refused anyway, and changes nothing.
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

/**
 * The ping claims a viewnum or a cluster that this monitor did not give. Believing it would change what the monitor
 * believes about the whole cluster (V12).
 */
export function claimsMore(ping: Ping, view: View | undefined): boolean {
  const told = Math.max(ping.viewnum, ping.view?.viewnum ?? 0);
  const cluster = clusterOf(ping);
  if (view === undefined) return told > 0 || cluster !== undefined;
  return told > view.viewnum && cluster === view.cluster;
}

/**
 * No member of the view has ever shown a secret, to this run of the monitor or to an earlier one. Any sender may have
 * begun such a view before the servers came, so the view does not bind a server that shows a secret. A monitor that
 * restarts may find such a view on its disk again, because a dropped view stays there until the next one is saved.
 */
export function isOfStrangers(tenure: Tenure | undefined, roster: Roster): boolean {
  if (tenure === undefined) return false;
  return tenure.seats.every(({ server }) => roster.find(server)?.hasSecret === false);
}

/** True if what the server says at its own address matches the ping. */
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

/**
 * Every member of the present view is alive, in the run that got the seat, holds data, and knows no later view. Then no
 * later view was ever acted on: the primary of the next view is always a member of this one (V4), and a server that
 * holds data reports the newest view that it knows. So a claim of a later view by any other server is false. Without
 * this, a process that confirms its own lie at its own address could make a monitor forget a view that all its members
 * serve.
 */
export function isDisproved(ping: Ping, { view, seats }: Tenure, roster: Roster, now: number): boolean {
  if (seats.some(({ server }) => server === ping.server)) return false;
  return seats.every(({ server, incarnation, lostData, restarted }) => {
    const seen = roster.find(server);
    const isHere = seen !== undefined && roster.wasHeard(server, now) && seen.incarnation === incarnation;
    return isHere && !lostData && restarted !== true && seen.viewnum > 0 && seen.viewnum <= view.viewnum;
  });
}

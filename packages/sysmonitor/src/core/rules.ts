/**
 * The rules about views as small pure functions. Each one says what holds for a server or a ping; change.ts decides
 * what to do about it.
 */
import type { Ping } from '../contract.ts';
import { comparePositions } from './position.ts';
import type { Roster, Sighting } from './roster.ts';
import { type Seat, seatOf, type Tenure } from './state.ts';
import type { Members } from './view.ts';

/** The input of the rules: the current view, the servers, the time. */
export interface Situation {
  readonly tenure: Tenure;
  readonly roster: Roster;
  readonly now: number;
}

/** Why a member of the view counts as dead. */
export type Death =
  | { readonly kind: 'silent'; readonly forMs: number }
  | { readonly kind: 'lost-data' }
  /** (V11) The primary restarted with less data than a backup that is safe to promote. */
  | { readonly kind: 'behind' }
  | { readonly kind: 'leaving' };

export function runOf(ping: Ping): string {
  return ping.incarnation ?? '';
}

/**
 * (V11) A newer incarnation of this server was heard before. An incarnation without a secret never replaces one with a
 * secret, because anyone can name an incarnation.
 */
export function isReplaced(known: Sighting | undefined, ping: Ping): boolean {
  if (known === undefined || isFirstShown(known, ping)) return false;
  return runOf(ping) < known.incarnation;
}

/** (V11) This ping, or a later one of the same incarnation, was taken before. */
export function isStale(known: Sighting | undefined, ping: Ping): boolean {
  if (known === undefined || runOf(ping) !== known.incarnation || isFirstShown(known, ping)) return false;
  return ping.seq !== undefined && known.seq !== undefined && ping.seq <= known.seq;
}

/** The first ping of this server with a secret. What was reported without a secret may have come from anyone. */
function isFirstShown(known: Sighting, ping: Ping): boolean {
  return !known.hasSecret && ping.secret !== undefined;
}

/**
 * (V2) The server lost its data since it got this seat. A bare ping 0 does not say which run sent it. It counts as a
 * loss only after a ping above 0 in the same seat, so that a repeated first ping does no harm.
 */
export function losesData(seat: Seat, ping: Ping): boolean {
  if (ping.viewnum === 0) return runOf(ping) !== seat.incarnation || (seat.incarnation === '' && seat.tookPart);
  return (
    ping.position !== undefined && seat.position !== undefined && comparePositions(ping.position, seat.position) < 0
  );
}

/** (V2, V11, V14) Why this server counts as dead; undefined if it is alive. */
export function deathOf(situation: Situation, server: string): Death | undefined {
  const { tenure, roster, now } = situation;
  if (tenure.seats.some((seat) => seat.server === server && seat.lostData)) return { kind: 'lost-data' };
  if (roster.find(server)?.leaving === true) return { kind: 'leaving' };
  if (roster.isSilent(server, now)) return { kind: 'silent', forMs: roster.silentForMs(server, now) };
  if (server === tenure.view.primary && isBehind(situation)) return { kind: 'behind' };
  return undefined;
}

/** (V7) The ping carries the current viewnum and comes from the incarnation that holds the primary's seat. */
export function acknowledges({ view, acknowledged, seats }: Tenure, ping: Ping): boolean {
  const primary = seats[0];
  return (
    !acknowledged &&
    primary !== undefined &&
    !primary.lostData &&
    ping.server === primary.server &&
    runOf(ping) === primary.incarnation &&
    ping.viewnum === view.viewnum
  );
}

/** (V11) A member has restarted with its data. */
export function returnsWithData(seat: Seat | undefined, ping: Ping): boolean {
  return seat !== undefined && !seat.lostData && ping.viewnum > 0 && runOf(ping) !== seat.incarnation;
}

/**
 * (V11) The primary restarted, and its disk may have come back older than it was. Before it gets its seat back, each
 * backup that could succeed it must be heard once more, to report what it holds now.
 */
export function awaitsComparison(situation: Situation): boolean {
  const restarted = restartedPrimary(situation);
  if (restarted?.position === undefined) return false;
  const { since = Number.NEGATIVE_INFINITY } = restarted;
  return successors(situation).some((backup) => {
    const sighting = situation.roster.find(backup);
    return sighting?.position !== undefined && (sighting.heardAt ?? since) < since;
  });
}

function isBehind(situation: Situation): boolean {
  const restarted = restartedPrimary(situation);
  if (restarted === undefined) return false;
  return successors(situation).some(
    (backup) => comparePositions(seatOf(situation.tenure, backup)?.position, restarted.position) > 0,
  );
}

/** Undefined if the primary's incarnation is the one that got the seat, or if it reports that it has no data. */
function restartedPrimary({ tenure, roster }: Situation): Sighting | undefined {
  const [seat] = tenure.seats;
  const sighting = seat === undefined ? undefined : roster.find(seat.server);
  if (sighting?.heardAt === undefined || sighting.incarnation === seat?.incarnation) return undefined;
  return sighting.viewnum > 0 ? sighting : undefined;
}

/**
 * (V3, V4) The servers that may succeed the primary, the best first. A server whose last ping was 0 reports that it
 * holds nothing, so it is skipped until it reports otherwise: a bare server may have restarted before it ever pinged
 * above 0. A leaving server succeeds only if no other server can and the primary is gone; it ends once another server
 * holds the data (V14).
 */
export function successors(situation: Situation): readonly string[] {
  const { tenure, roster } = situation;
  const holders = tenure.view.backups.filter(
    (backup) => tenure.safe.includes(backup) && (roster.find(backup)?.viewnum ?? 0) > 0,
  );
  const staying = holders.filter((backup) => deathOf(situation, backup) === undefined);
  const able =
    staying.length > 0 || !isGone(situation) ? staying : holders.filter((backup) => isHere(situation, backup));
  return able.length > 1 ? able.sort((one, other) => compareSuccessors(situation, one, other)) : able;
}

/** The primary can no longer hand over its data. */
function isGone({ tenure, roster, now }: Situation): boolean {
  return tenure.seats[0]?.lostData === true || roster.isSilent(tenure.view.primary, now);
}

/** The server pings and has its data. */
function isHere({ tenure, roster, now }: Situation, server: string): boolean {
  return seatOf(tenure, server)?.lostData === false && roster.wasHeard(server, now);
}

/**
 * A server that restarted since the last acknowledgement sorts last: its data has not yet been compared with the
 * primary's.
 */
function compareSuccessors({ tenure, roster }: Situation, one: string, other: string): number {
  const [isBack, otherIsBack] = [one, other].map((server) => Number(seatOf(tenure, server)?.restarted === true));
  const higher = (roster.find(other)?.priority ?? 0) - (roster.find(one)?.priority ?? 0);
  return (
    (isBack ?? 0) - (otherIsBack ?? 0) ||
    higher ||
    comparePositions(seatOf(tenure, other)?.position, seatOf(tenure, one)?.position)
  );
}

/** (V5) The dead backups of the view, with the reason. */
export function deadBackups(situation: Situation): readonly { readonly server: string; readonly death: Death }[] {
  return situation.tenure.view.backups.flatMap((server) => {
    const death = deathOf(situation, server);
    return death === undefined ? [] : [{ server, death }];
  });
}

/** (V13) The backups of the view that the primary cannot reach. */
export function lostBackups({ view }: Tenure, ping: Ping): readonly string[] {
  const lost = ping.lost ?? [];
  return ping.server === view.primary ? view.backups.filter((backup) => lost.includes(backup)) : [];
}

/**
 * (V6, V8) The idle server that joins next, the most up to date first. It must be alive, really heard, not in a wait
 * (V13), and not in `except`.
 */
export function bestIdle(
  { roster, now }: Situation,
  members: Members,
  except: readonly string[],
): Sighting | undefined {
  const passedOver = [members.primary, ...members.backups, ...except];
  // If the primary proves its name with a secret, a server without a secret does not belong to its cluster.
  const needsSecret = roster.find(members.primary)?.hasSecret === true;
  const idle = roster.servers.filter(
    ({ server, leaving, hasSecret }) =>
      !passedOver.includes(server) &&
      !leaving &&
      (hasSecret || !needsSecret) &&
      roster.wasHeard(server, now) &&
      roster.absences.isOver(server, now),
  );
  idle.sort(
    (one, other) =>
      comparePositions(other.position, one.position) || other.viewnum - one.viewnum || other.priority - one.priority,
  );
  return idle[0];
}

/** The rules about views, one small function each: what is true of a server or a ping, never what to do about it. */
import type { Ping } from '../contract.ts';
import { comparePositions } from './position.ts';
import type { Roster, Sighting } from './roster.ts';
import { type Seat, seatOf, type Tenure } from './state.ts';
import type { Members } from './view.ts';

/** What the rules look at: the current view, the servers, the time. */
export interface Situation {
  readonly tenure: Tenure;
  readonly roster: Roster;
  readonly now: number;
}

/** Why a member of the view counts as dead. */
export type Death =
  | { readonly kind: 'silent'; readonly forMs: number }
  | { readonly kind: 'lost-data' }
  /** (V11) The primary is back as a newer run, with less than a backup that is safe to promote holds. */
  | { readonly kind: 'behind' }
  | { readonly kind: 'leaving' };

export function runOf(ping: Ping): string {
  return ping.incarnation ?? '';
}

/**
 * (V11) A newer run of this server was heard before. One that showed no secret replaces none that shows one: anybody
 * may name a run.
 */
export function isReplaced(known: Sighting | undefined, ping: Ping): boolean {
  if (known === undefined || isFirstShown(known, ping)) return false;
  return runOf(ping) < known.incarnation;
}

/** (V11) A later ping of this run was taken before, or this very one. */
export function isStale(known: Sighting | undefined, ping: Ping): boolean {
  if (known === undefined || runOf(ping) !== known.incarnation || isFirstShown(known, ping)) return false;
  return ping.seq !== undefined && known.seq !== undefined && ping.seq <= known.seq;
}

/** The first ping of this server with a secret: whatever was told without one, anybody may have told. */
function isFirstShown(known: Sighting, ping: Ping): boolean {
  return !known.hasSecret && ping.secret !== undefined;
}

/**
 * (V2) The holder of this seat is not what it was. A bare ping 0 cannot say of which run it is: it is a loss once a ping above 0 was
 * taken in this seat, and not before, so that a repeated first ping costs nothing.
 */
export function losesData(seat: Seat, ping: Ping): boolean {
  if (ping.viewnum === 0) return runOf(ping) !== seat.incarnation || (seat.incarnation === '' && seat.tookPart);
  return (
    ping.position !== undefined && seat.position !== undefined && comparePositions(ping.position, seat.position) < 0
  );
}

/** (V2, V11, V14) */
export function deathOf(situation: Situation, server: string): Death | undefined {
  const { tenure, roster, now } = situation;
  if (tenure.seats.some((seat) => seat.server === server && seat.lostData)) return { kind: 'lost-data' };
  if (roster.find(server)?.leaving === true) return { kind: 'leaving' };
  if (roster.isSilent(server, now)) return { kind: 'silent', forMs: roster.silentForMs(server, now) };
  if (server === tenure.view.primary && isBehind(situation)) return { kind: 'behind' };
  return undefined;
}

/** (V7) The number of the current view, from the run that is its primary. */
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

/** (V11) A member is back as a newer run, with its data. */
export function returnsWithData(seat: Seat | undefined, ping: Ping): boolean {
  return seat !== undefined && !seat.lostData && ping.viewnum > 0 && runOf(ping) !== seat.incarnation;
}

/**
 * (V11) The primary is back as a newer run, and its disk may have come back older than it was. Before it gets its seat again, each
 * backup that could follow it has to be heard once: it says what it holds now.
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

/** Undefined: the primary is the run that was given the seat, or tells that it has no data. */
function restartedPrimary({ tenure, roster }: Situation): Sighting | undefined {
  const [seat] = tenure.seats;
  const sighting = seat === undefined ? undefined : roster.find(seat.server);
  if (sighting?.heardAt === undefined || sighting.incarnation === seat?.incarnation) return undefined;
  return sighting.viewnum > 0 ? sighting : undefined;
}

/**
 * (V3, V4) Who may follow the primary, the best first. One whose last ping was 0 says that it holds nothing: it is passed over until
 * it says otherwise, as a bare server may have restarted before it ever pinged above 0. One that leaves follows only where nobody else
 * does and the primary is gone: it goes when another server holds the data (V14).
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

/** The primary does not hand over any more what it holds. */
function isGone({ tenure, roster, now }: Situation): boolean {
  return tenure.seats[0]?.lostData === true || roster.isSilent(tenure.view.primary, now);
}

/** It pings, and has its data. */
function isHere({ tenure, roster, now }: Situation, server: string): boolean {
  return seatOf(tenure, server)?.lostData === false && roster.wasHeard(server, now);
}

/** One that restarted since the last acknowledgement comes after the others: nobody has compared its data with the primary's yet. */
function compareSuccessors({ tenure, roster }: Situation, one: string, other: string): number {
  const [isBack, otherIsBack] = [one, other].map((server) => Number(seatOf(tenure, server)?.restarted === true));
  const higher = (roster.find(other)?.priority ?? 0) - (roster.find(one)?.priority ?? 0);
  return (
    (isBack ?? 0) - (otherIsBack ?? 0) ||
    higher ||
    comparePositions(seatOf(tenure, other)?.position, seatOf(tenure, one)?.position)
  );
}

/** (V5) */
export function deadBackups(situation: Situation): readonly { readonly server: string; readonly death: Death }[] {
  return situation.tenure.view.backups.flatMap((server) => {
    const death = deathOf(situation, server);
    return death === undefined ? [] : [{ server, death }];
  });
}

/** (V13) The backups in the view that the primary names. */
export function lostBackups({ view }: Tenure, ping: Ping): readonly string[] {
  const lost = ping.lost ?? [];
  return ping.server === view.primary ? view.backups.filter((backup) => lost.includes(backup)) : [];
}

/** (V6, V8) Who is to join these members: alive, really heard, not in a wait (V13), the most up to date; nobody of `except`. */
export function bestIdle(
  { roster, now }: Situation,
  members: Members,
  except: readonly string[],
): Sighting | undefined {
  const passedOver = [members.primary, ...members.backups, ...except];
  // Where servers show by a secret who they are, one that does not is none of them.
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

/**
 * How a view follows from another: pure functions, one for each way in which the members can change. change.ts decides
 * which of them apply; `succeed` then makes one new view of all of them.
 */
import type { Ping, Position, View } from '../contract.ts';
import { comparePositions } from './position.ts';
import type { Seat, Tenure } from './state.ts';

/**
 * A rebuilt view is numbered this much above the highest known view, because later views may exist that no server
 * reported (V12).
 */
export const REBUILT_ABOVE = 1_000;

/**
 * The members of the next view while a change is assembled. However many parts a change has, it makes one new view
 * (V8).
 */
export interface Members {
  readonly primary: string;
  readonly backups: readonly string[];
  readonly syncing: readonly string[];
  readonly seats: readonly Seat[];
}

/** The server that gets a seat, and what it reported. */
export interface Candidate {
  readonly server: string;
  readonly incarnation: string;
  readonly position?: Position | undefined;
}

export function membersOf({ view, seats }: Tenure): Members {
  return { primary: view.primary, backups: view.backups, syncing: view.syncing, seats };
}

/** (V4) `server` becomes primary, and the old primary loses its seat. */
export function promoted(members: Members, server: string): Members {
  const left = members.primary;
  return {
    ...members,
    primary: server,
    backups: members.backups.filter((backup) => backup !== server),
    seats: members.seats.filter((seat) => seat.server !== left),
  };
}

/** (V5) Removes `servers` from the backups. */
export function without(members: Members, servers: readonly string[]): Members {
  const stays = (server: string) => !servers.includes(server);
  return {
    primary: members.primary,
    backups: members.backups.filter(stays),
    syncing: members.syncing.filter(stays),
    seats: members.seats.filter((seat) => stays(seat.server)),
  };
}

/** (V6) Adds `candidate` as a syncing backup. */
export function joinedBy(members: Members, candidate: Candidate): Members {
  return {
    primary: members.primary,
    backups: [...members.backups, candidate.server],
    syncing: [...members.syncing, candidate.server],
    seats: [...members.seats, newSeat(candidate)],
  };
}

/** (V11) Gives the seat to another incarnation of the same server. */
export function reseated(members: Members, server: string, incarnation: string): Members {
  return {
    ...members,
    seats: members.seats.map((seat) =>
      seat.server === server ? { ...seat, incarnation, tookPart: true, restarted: true as const } : seat,
    ),
  };
}

/** The next view. It is not acknowledged, and its safe set contains only servers that were safe before (V3). */
export function succeed(tenure: Tenure, members: Members): Tenure {
  const inOrder = [members.primary, ...members.backups];
  return tenureOf({
    view: { ...tenure.view, viewnum: tenure.view.viewnum + 1, ...named(members) },
    // A server that lost its seat and rejoins in the same change is syncing (V6), so it is not safe.
    safe: tenure.safe.filter((server) => inOrder.includes(server) && !members.syncing.includes(server)),
    seats: inOrder.flatMap((server) => members.seats.filter((seat) => seat.server === server)),
  });
}

/** (V1) View 1, with one server. */
export function firstTenure(first: Candidate, cluster: string): Tenure {
  return aloneIn(1, first, cluster);
}

/** (V12) The view of a rebuilt cluster, with one server. */
export function rebuiltTenure(highest: View, primary: Candidate, cluster: string): Tenure {
  return aloneIn(highest.viewnum + REBUILT_ABOVE, primary, cluster);
}

/** (V7) All members hold the data now, except those that lost it since (V3). */
export function acknowledged(tenure: Tenure): Tenure {
  return {
    view: { ...tenure.view, syncing: [] },
    acknowledged: true,
    safe: tenure.seats.filter((seat) => !seat.lostData).map((seat) => seat.server),
    seats: tenure.seats.map(verified),
  };
}

/** An acknowledgement means that the primary has compared its log with this server's (R7). */
function verified(seat: Seat): Seat {
  if (seat.restarted === undefined) return seat;
  const { restarted, ...rest } = seat;
  return rest;
}

/**
 * (V2) Takes what a member's ping reports about its data; `lost` is the result of losesData(). Returns the same tenure
 * if nothing is new.
 */
export function reported(tenure: Tenure, seat: Seat, ping: Ping, lost: boolean): Tenure {
  const isFurther = comparePositions(ping.position, seat.position) > 0;
  const tookPart = seat.tookPart || ping.viewnum > 0;
  const lostData = seat.lostData || lost;
  if (!isFurther && tookPart === seat.tookPart && lostData === seat.lostData) return tenure;
  const { position: before, ...rest } = seat;
  const position = isFurther ? ping.position : before;
  const told: Seat = { ...rest, tookPart, lostData, ...(position === undefined ? {} : { position }) };
  const { view, acknowledged: isAcknowledged, safe, seats } = tenure;
  return {
    view,
    acknowledged: isAcknowledged,
    safe: lost ? safe.filter((other) => other !== seat.server) : safe,
    seats: seats.map((other) => (other === seat ? told : other)),
  };
}

function aloneIn(viewnum: number, only: Candidate, cluster: string): Tenure {
  const view: View = { viewnum, primary: only.server, backups: [], syncing: [], cluster };
  return tenureOf({ view, safe: [only.server], seats: [newSeat(only)] });
}

function tenureOf({ view, safe, seats }: Pick<Tenure, 'view' | 'safe' | 'seats'>): Tenure {
  const incarnations = Object.fromEntries(seats.map((seat) => [seat.server, seat.incarnation]));
  return { view: { ...view, incarnations }, acknowledged: false, safe, seats };
}

function named({ primary, backups, syncing }: Members): Pick<View, 'primary' | 'backups' | 'syncing'> {
  return { primary, backups, syncing };
}

function newSeat({ server, incarnation, position }: Candidate): Seat {
  return { server, incarnation, tookPart: false, lostData: false, ...(position === undefined ? {} : { position }) };
}

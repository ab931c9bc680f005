/** How views come from views: pure functions, one for each way in which the members change. */
import type { Ping, Position, View } from '../contract.ts';
import { comparePositions } from './position.ts';
import type { Seat, Tenure } from './state.ts';

/** A rebuilt view is this much above the highest one heard of: views that nobody reported may have come after it (V12). */
export const REBUILT_ABOVE = 1_000;

/** The members of a view while a change is put together: one change is one new view, whatever it is made of (V8). */
export interface Members {
  readonly primary: string;
  readonly backups: readonly string[];
  readonly syncing: readonly string[];
  readonly seats: readonly Seat[];
}

/** Who is to sit down, and what it told of itself. */
export interface Candidate {
  readonly server: string;
  readonly incarnation: string;
  readonly position?: Position | undefined;
}

export function membersOf({ view, seats }: Tenure): Members {
  return { primary: view.primary, backups: view.backups, syncing: view.syncing, seats };
}

/** (V4) */
export function promoted(members: Members, server: string): Members {
  const left = members.primary;
  return {
    ...members,
    primary: server,
    backups: members.backups.filter((backup) => backup !== server),
    seats: members.seats.filter((seat) => seat.server !== left),
  };
}

/** (V5) */
export function without(members: Members, servers: readonly string[]): Members {
  const stays = (server: string) => !servers.includes(server);
  return {
    primary: members.primary,
    backups: members.backups.filter(stays),
    syncing: members.syncing.filter(stays),
    seats: members.seats.filter((seat) => stays(seat.server)),
  };
}

/** (V6) */
export function joinedBy(members: Members, candidate: Candidate): Members {
  return {
    primary: members.primary,
    backups: [...members.backups, candidate.server],
    syncing: [...members.syncing, candidate.server],
    seats: [...members.seats, newSeat(candidate)],
  };
}

/** (V11) The same seat, for another run of the same server. */
export function reseated(members: Members, server: string, incarnation: string): Members {
  return {
    ...members,
    seats: members.seats.map((seat) =>
      seat.server === server ? { ...seat, incarnation, tookPart: true, restarted: true as const } : seat,
    ),
  };
}

/** The next view: not acknowledged, and nobody is safe in it who was not safe before (V3). */
export function succeed(tenure: Tenure, members: Members): Tenure {
  const inOrder = [members.primary, ...members.backups];
  return tenureOf({
    view: { ...tenure.view, viewnum: tenure.view.viewnum + 1, ...named(members) },
    // One that lost its seat and joins again in the same change is syncing (V6).
    safe: tenure.safe.filter((server) => inOrder.includes(server) && !members.syncing.includes(server)),
    seats: inOrder.flatMap((server) => members.seats.filter((seat) => seat.server === server)),
  });
}

/** (V1) */
export function firstTenure(first: Candidate, cluster: string): Tenure {
  return aloneIn(1, first, cluster);
}

/** (V12) */
export function rebuiltTenure(highest: View, primary: Candidate, cluster: string): Tenure {
  return aloneIn(highest.viewnum + REBUILT_ABOVE, primary, cluster);
}

/** (V7) Everybody in the view holds the data now, but for those that lost theirs since (V3). */
export function acknowledged(tenure: Tenure): Tenure {
  return {
    view: { ...tenure.view, syncing: [] },
    acknowledged: true,
    safe: tenure.seats.filter((seat) => !seat.lostData).map((seat) => seat.server),
    seats: tenure.seats.map(verified),
  };
}

/** The primary has compared its log with this one (R7). */
function verified(seat: Seat): Seat {
  if (seat.restarted === undefined) return seat;
  const { restarted, ...rest } = seat;
  return rest;
}

/** (V2) What a ping of a member tells about its data; `lost` as the rule found it. The same tenure where that is nothing new. */
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

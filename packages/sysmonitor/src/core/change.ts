/** The change, if any, that a ping makes to the view: at most one, and only at the ping of whom it concerns (V8). */
import type { Cause } from '../cause.ts';
import type { Ping } from '../contract.ts';
import {
  bestIdle,
  type Death,
  deadBackups,
  deathOf,
  lostBackups,
  returnsWithData,
  runOf,
  type Situation,
  successors,
} from './rules.ts';
import { seatOf } from './state.ts';
import { joinedBy, type Members, membersOf, promoted, reseated, without } from './view.ts';

export interface Change {
  readonly members: Members;
  readonly causes: readonly Cause[];
}

/** The ping was taken before: it is in the roster, and what it tells is in the tenure. */
export function changeAt(situation: Situation, ping: Ping, backupsWanted: number): Change | undefined {
  const unchanged: Change = { members: membersOf(situation.tenure), causes: [] };
  const returned = takeBack(situation, ping, unchanged);
  const death = deathOf(situation, situation.tenure.view.primary);
  const heirs = successors(situation);
  let change = returned;
  let mayJoin = false;
  if (death !== undefined && ping.server === heirs[0]) {
    change = promote(situation, ping, returned, death);
    mayJoin = true;
  } else if (ping.server === situation.tenure.view.primary && returned === unchanged) {
    if (death === undefined) change = takeOut(situation, ping, unchanged);
    // A primary that leaves, with nobody to follow it, still takes in the server that will (V14).
    mayJoin = death === undefined || (death.kind === 'leaving' && heirs.length === 0);
  }
  if (mayJoin && situation.tenure.acknowledged) change = letJoin(situation, change, backupsWanted);
  return change === unchanged ? undefined : change;
}

/** (V11) */
function takeBack({ tenure }: Situation, ping: Ping, change: Change): Change {
  if (!returnsWithData(seatOf(tenure, ping.server), ping)) return change;
  return {
    members: reseated(change.members, ping.server, runOf(ping)),
    causes: [...change.causes, { kind: 'member-restarted', server: ping.server }],
  };
}

/** (V4) */
function promote({ tenure }: Situation, ping: Ping, change: Change, death: Death): Change {
  return {
    members: promoted(change.members, ping.server),
    causes: [...change.causes, causeOf('primary', tenure.view.primary, death)],
  };
}

/** (V5, V13) Who is out of the primary's reach only, and not out of ours, has to wait before it may join again. */
function takeOut(situation: Situation, ping: Ping, change: Change): Change {
  const { tenure, roster, now } = situation;
  const dead = deadBackups(situation);
  const lost = lostBackups(tenure, ping).filter((server) => dead.every((backup) => backup.server !== server));
  if (dead.length === 0 && lost.length === 0) return change;
  const unreachable = lost.map((server): Cause => {
    const waitMs = roster.absences.waitMs(server, now, roster.isFallingSilent(server, now));
    return { kind: 'backup-unreachable', server, waitMs };
  });
  return {
    members: without(change.members, [...dead.map(({ server }) => server), ...lost]),
    causes: [...change.causes, ...dead.map(({ server, death }) => causeOf('backup', server, death)), ...unreachable],
  };
}

/** (V6) */
function letJoin(situation: Situation, change: Change, backupsWanted: number): Change {
  if (change.members.backups.length >= backupsWanted) return change;
  const sentAway = change.causes.flatMap((cause) => (cause.kind === 'backup-unreachable' ? [cause.server] : []));
  const idle = bestIdle(situation, change.members, sentAway);
  if (idle === undefined) return change;
  return {
    members: joinedBy(change.members, idle),
    causes: [...change.causes, { kind: 'backup-joined', server: idle.server }],
  };
}

function causeOf(role: 'primary' | 'backup', server: string, death: Death): Cause {
  return death.kind === 'silent'
    ? { kind: `${role}-silent`, server, forMs: death.forMs }
    : { kind: `${role}-${death.kind}`, server };
}

/**
 * Decides which change, if any, a ping makes to the view. A ping makes at most one change, and only the ping of the
 * server that gains by the change, or of the primary, can make it (V8). All parts of one change (a promotion, a
 * removal, a join) go into the same new view.
 */
import type { Cause } from '../cause.ts';
import type { Ping } from '../contract.ts';
import {
  awaitsComparison,
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

/** The caller has taken the ping before: the roster and the tenure already contain what it reports. */
export function changeAt(situation: Situation, ping: Ping, backupsWanted: number): Change | undefined {
  const change = decide(situation, ping, backupsWanted);
  return change.causes.length === 0 ? undefined : change;
}

function decide(situation: Situation, ping: Ping, backupsWanted: number): Change {
  const { tenure } = situation;
  const change = takeBack(situation, ping, { members: membersOf(tenure), causes: [] });
  const death = deathOf(situation, tenure.view.primary);
  const heir = death === undefined ? undefined : successors(situation)[0];
  if (death !== undefined && ping.server === heir)
    return letJoin(situation, promote(situation, ping, change, death), backupsWanted);
  if (change.causes.length > 0 || ping.server !== tenure.view.primary) return change;
  if (death === undefined) return letJoin(situation, takeOut(situation, ping, change), backupsWanted);
  return death.kind === 'leaving' && heir === undefined ? takeInHeir(situation, ping, change, backupsWanted) : change;
}

/**
 * (V14) If a primary leaves and no backup can succeed it, an idle server joins in exchange for backups that leave or
 * are dead.
 */
function takeInHeir(situation: Situation, ping: Ping, change: Change, backupsWanted: number): Change {
  const exchanged = letJoin(situation, takeOut(situation, ping, change), backupsWanted);
  if (exchanged.causes.some(({ kind }) => kind === 'backup-joined')) return exchanged;
  return letJoin(situation, takeOutBlank(situation, change), backupsWanted);
}

/** (V11) A restarted primary gets its seat back only once it is known that no backup holds more. */
function takeBack(situation: Situation, ping: Ping, change: Change): Change {
  const { tenure } = situation;
  if (!returnsWithData(seatOf(tenure, ping.server), ping)) return change;
  const isPrimary = ping.server === tenure.view.primary;
  if (isPrimary && (awaitsComparison(situation) || deathOf(situation, ping.server)?.kind === 'behind')) return change;
  return {
    members: reseated(change.members, ping.server, runOf(ping)),
    causes: [...change.causes, { kind: 'member-restarted', server: ping.server }],
  };
}

/** (V4) The pinging server becomes primary in place of the dead one. */
function promote({ tenure }: Situation, ping: Ping, change: Change, death: Death): Change {
  return {
    members: promoted(change.members, ping.server),
    causes: [...change.causes, causeOf('primary', tenure.view.primary, death)],
  };
}

/**
 * (V5, V13) Removes dead backups, and backups that only the primary cannot reach. The latter wait before they may
 * rejoin.
 */
function takeOut(situation: Situation, ping: Ping, change: Change): Change {
  const { tenure, roster, now } = situation;
  const dead = deadBackups(situation);
  const lost = lostBackups(tenure, ping).filter((server) => dead.every((backup) => backup.server !== server));
  const unreachable = lost.map((server): Cause => {
    const waitMs = roster.absences.waitMs(server, now, roster.isFallingSilent(server, now));
    return { kind: 'backup-unreachable', server, waitMs };
  });
  return takenOut(change, [...dead.map(({ server, death }) => causeOf('backup', server, death)), ...unreachable]);
}

/**
 * (V8) While the primary is dead, a backup that may hold unique data stays. This removes only backups that lost their
 * data.
 */
function takeOutBlank(situation: Situation, change: Change): Change {
  const blank = deadBackups(situation).filter(({ death }) => death.kind === 'lost-data');
  return takenOut(
    change,
    blank.map(({ server, death }) => causeOf('backup', server, death)),
  );
}

function takenOut(change: Change, reasons: readonly Cause[]): Change {
  if (reasons.length === 0) return change;
  const { members, causes } = change;
  return {
    members: without(
      members,
      reasons.map(({ server }) => server),
    ),
    causes: [...causes, ...reasons],
  };
}

/** (V6) No server joins before the view is acknowledged. */
function letJoin(situation: Situation, change: Change, backupsWanted: number): Change {
  if (!situation.tenure.acknowledged || change.members.backups.length >= backupsWanted) return change;
  const sentAway = change.causes.flatMap((cause) => (cause.kind === 'backup-unreachable' ? [cause.server] : []));
  const idle = bestIdle(situation, change.members, sentAway);
  if (idle === undefined) return change;
  return {
    members: joinedBy(change.members, idle),
    causes: [...change.causes, { kind: 'backup-joined', server: idle.server }],
  };
}

function causeOf(role: 'primary' | 'backup', server: string, death: Death): Cause {
  if (death.kind === 'silent') return { kind: `${role}-silent`, server, forMs: death.forMs };
  if (death.kind === 'behind') return { kind: 'primary-behind', server };
  return { kind: `${role}-${death.kind}`, server };
}

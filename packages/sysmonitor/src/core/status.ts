/**
 * Builds the monitor's status for people: what the monitor knows, and what must happen next for the service to
 * continue.
 */
import type { View } from '../contract.ts';
import type { Condition, MonitorStatus, ServerRole, ServerSighting, ViewChange, Waiting } from '../status.ts';
import type { Recovery } from './recovery.ts';
import type { Roster, Sighting } from './roster.ts';
import { bestIdle, deathOf, successors } from './rules.ts';
import type { Tenure } from './state.ts';
import { membersOf } from './view.ts';

/** The input of the status functions. */
export interface Facts {
  readonly view: View;
  readonly tenure: Tenure | undefined;
  readonly recovery: Recovery | undefined;
  readonly roster: Roster;
  readonly backupsWanted: number;
  readonly now: number;
}

export function statusOf(facts: Facts, history: readonly ViewChange[]): MonitorStatus {
  const { view, tenure, recovery, roster, backupsWanted } = facts;
  const members = [view.primary, ...view.backups];
  const rank = ({ server }: Sighting) => (members.includes(server) ? members.indexOf(server) : members.length);
  const inOrder = [...roster.servers].sort(
    (one, other) => rank(one) - rank(other) || (one.server < other.server ? -1 : 1),
  );
  const phase =
    recovery === undefined || isIdle(facts, recovery) ? 'serving' : recovery.aware ? 'recovering' : 'listening';
  return {
    phase,
    view,
    acknowledged: tenure?.acknowledged ?? false,
    safe: tenure?.safe ?? [],
    waiting: waitingOf(facts),
    backupsWanted,
    servers: inOrder.map((sighting) => tell(facts, sighting)),
    history,
  };
}

export function waitingOf(facts: Facts): Waiting {
  const { tenure, recovery } = facts;
  if (tenure !== undefined) return waitingIn(tenure, facts);
  if (recovery?.aware === true) {
    const { holders, highest } = recovery;
    return { kind: 'reports', servers: recovery.waitingFor(), viewnum: highest?.viewnum ?? 0, holders };
  }
  const forMs = Math.round((recovery?.listensUntil ?? 0) - facts.now);
  return forMs > 0 ? { kind: 'survivors', servers: [], forMs } : { kind: 'first-server', servers: [] };
}

export function conditionOf({ tenure, roster, now }: Facts, server: string): Condition {
  if (tenure !== undefined) {
    const kind = deathOf({ tenure, roster, now }, server)?.kind ?? 'alive';
    return kind === 'behind' ? 'lost-data' : kind;
  }
  if (roster.find(server)?.leaving === true) return 'leaving';
  return roster.isSilent(server, now) ? 'silent' : 'alive';
}

export function roleIn(view: View, server: string): ServerRole {
  if (server === view.primary) return 'primary';
  return view.backups.includes(server) ? 'backup' : 'idle';
}

function waitingIn(tenure: Tenure, { roster, backupsWanted, now }: Facts): Waiting {
  const situation = { tenure, roster, now };
  const { primary, backups } = tenure.view;
  if (deathOf(situation, primary) !== undefined) {
    const [heir] = successors(situation);
    return heir === undefined ? { kind: 'data', servers: tenure.safe } : { kind: 'successor', servers: [heir] };
  }
  if (!tenure.acknowledged) return { kind: 'acknowledgement', servers: [primary] };
  const short = backups.length < backupsWanted && bestIdle(situation, membersOf(tenure), []) === undefined;
  return { kind: short ? 'backup' : 'nothing', servers: [] };
}

/** No cluster was heard of, and the time of listening is over: the monitor only waits for a first server. */
function isIdle({ now }: Facts, recovery: Recovery): boolean {
  return !recovery.aware && now >= recovery.listensUntil;
}

function tell(facts: Facts, sighting: Sighting): ServerSighting {
  const { server, incarnation, viewnum, priority, position, heardAt } = sighting;
  return {
    server,
    role: roleIn(facts.view, server),
    syncing: facts.view.syncing.includes(server),
    condition: conditionOf(facts, server),
    lastPingMs: heardAt === undefined ? null : Math.round(facts.now - heardAt),
    incarnation,
    confirmed: sighting.secret !== undefined,
    viewnum,
    priority,
    ...(position === undefined ? {} : { position }),
  };
}

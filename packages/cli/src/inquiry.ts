/**
 * Collects a report on a cluster: the monitor's status, and each server's own status. A server that does not answer is
 * part of the report, not a failure.
 */
import type { ServerStatus } from '@understudy/kvservice';
import { UnderstudyError, type World } from '@understudy/rpc';
import {
  disagreement,
  MonitorClient,
  type MonitorStatus,
  monitorToFollow,
  type ServerSighting,
  type ToldView,
} from '@understudy/sysmonitor';

export interface ClusterReport extends MonitorStatus {
  readonly servers: readonly ServerReport[];
  /** What each monitor says, if several monitors do not share one state. */
  readonly disagreement?: string;
  /** The monitor that gave the rest of the report. It has the greatest view. */
  readonly monitor?: string;
}

export interface ServerReport extends ServerSighting {
  /** The index of the last applied entry. This and the following fields are null if the server did not answer. */
  readonly revision: number | null;
  /** Entries that the primary has and that this backup is not known to have; null for other servers. */
  readonly lag: number | null;
  readonly keys: number | null;
  readonly sessions: number | null;
  /** The server may answer clients now. */
  readonly ready: boolean;
  /** The server's memory is full: it accepts no more data. */
  readonly full: boolean;
  /** The records of a running state transfer to this backup. */
  readonly transfer?: { readonly sent: number; readonly total: number };
  /** Why the server did not answer. */
  readonly unanswered?: string;
}

export interface Inquiry {
  readonly world: World;
  readonly monitors: readonly string[];
  /** The timeout for the monitor, and again for the servers. */
  readonly timeoutMs: number;
  /** Ends the inquiry with ABORTED. */
  readonly signal?: AbortSignal | undefined;
}

/** Fails like the monitor's client. A server that does not answer is no failure. */
export async function inquire(inquiry: Inquiry): Promise<ClusterReport> {
  const { world, monitors, timeoutMs } = inquiry;
  const client = new MonitorClient({ monitors, world, timeoutMs });
  const sinceMs = world.clock.now();
  const { status, rivals } = await askMonitors(client, inquiry).finally(() => client.close());
  // If the monitor is distant, the servers are too.
  const patience = { ...inquiry, timeoutMs: Math.max(timeoutMs, DISTANT * (world.clock.now() - sinceMs)) };
  const asked = status.servers.map(({ server }) => ask(server, patience));
  const answers = new Map((await Promise.all(asked)).map((answer) => [answer.server, answer]));
  const primary = answers.get(status.view.primary)?.status;
  const servers = status.servers.map((sighting) => reportOn(sighting, answers, primary));
  return { ...status, servers, ...rivals };
}

type Rivals = Pick<ClusterReport, 'disagreement' | 'monitor'>;

interface Heard {
  readonly status: MonitorStatus;
  readonly rivals: Rivals;
}

/** Of several monitors, the one with the greatest view is asked for everything else, because the servers follow it. */
async function askMonitors(client: MonitorClient, { world, signal }: Inquiry): Promise<Heard> {
  if (!client.hasSeveral) return { status: await client.status({ signal }), rivals: {} };
  const before = await client.views();
  const monitor = monitorToFollow(before, undefined);
  if (monitor !== undefined) client.follow(monitor);
  const [status, views] = await Promise.all([client.status({ signal }), disagreementSince(before, client, world)]);
  return { status, rivals: views === '' ? {} : { disagreement: views, ...(monitor !== undefined && { monitor }) } };
}

/** Only two rounds can show a disagreement. If the first round shows no difference, there is no second. */
async function disagreementSince(
  before: readonly ToldView[],
  client: MonitorClient,
  { clock }: World,
): Promise<string> {
  if (disagreement(before, before) === '') return '';
  await new Promise<void>((resolve) => {
    clock.after(BETWEEN_ROUNDS_MS, resolve);
  });
  return disagreement(before, await client.views());
}

const BETWEEN_ROUNDS_MS = 200;

/** A multiple of the time that the monitor took. */
const DISTANT = 3;

interface Answer {
  readonly server: string;
  readonly status?: ServerStatus;
  readonly unanswered?: string;
}

async function ask(server: string, { world, timeoutMs, signal }: Inquiry): Promise<Answer> {
  try {
    const status = await world.transport.call(server, 'kv.status', {}, { timeoutMs, signal });
    return { server, status: status as ServerStatus };
  } catch (error) {
    if (!(error instanceof UnderstudyError) || signal?.aborted) throw error;
    return { server, unanswered: error.message };
  }
}

function reportOn(
  sighting: ServerSighting,
  answers: ReadonlyMap<string, Answer>,
  primary: ServerStatus | undefined,
): ServerReport {
  const { status, unanswered } = answers.get(sighting.server) ?? {};
  const asBackup = primary?.backups.find(({ server }) => server === sighting.server);
  return {
    ...sighting,
    revision: status?.commitIndex ?? null,
    lag: asBackup?.lag ?? null,
    keys: status?.keys ?? null,
    sessions: status?.sessions ?? null,
    ready: status?.ready ?? false,
    // A server of an earlier version does not report its memory.
    full: status?.memory?.full ?? false,
    ...(asBackup?.transfer === undefined ? {} : { transfer: asBackup.transfer }),
    ...(unanswered === undefined ? {} : { unanswered }),
  };
}

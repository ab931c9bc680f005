/**
 * A round: clients work, faults strike, everything heals, the service has to answer again, and what the clients saw is a history.
 *
 * A round ends with no operation under way. What may have been lost in earlier rounds shows in reads of keys that were written then.
 */
import type { History, SeededRandom } from '@understudy/testkit';
import { CLIENTS } from './cluster.ts';
import { FAULTS } from './faults/catalogue.ts';
import { copyDirectories } from './faults/disks.ts';
import { type Field } from './field.ts';
import { beginningWith, settledIn } from './histories.ts';
import type { Strike } from './plan.ts';
import type { SiegeClients } from './siege-clients.ts';
import { becomes, within } from './waiting.ts';

export interface RoundParts {
  readonly name: string;
  readonly field: Field;
  readonly clients: SiegeClients;
  readonly random: SeededRandom;
  readonly plan: readonly Strike[];
  /** Clients work so long, whether or not anything strikes. */
  readonly lengthMs: number;
  /** The service answers, and is at full strength, within this time after the faults. */
  readonly boundMs: number;
  /** Keys of earlier rounds with what they hold. */
  readonly settled: Map<string, string | null>;
  /** Aborted: the faults that have not struck yet do not strike. */
  readonly end: AbortSignal;
}

const REREAD_KEYS = 15;
const FIRST_ANSWER_MS = 60_000;

export interface Round {
  readonly history: History;
  /** Nothing failed, so that the cluster may go on. What failed is in the tally. */
  readonly isWell: boolean;
}

export async function playRound(parts: RoundParts): Promise<Round> {
  const { name, field, clients, random, plan, lengthMs, boundMs, settled, end } = parts;
  const { tally, cluster } = field;
  const failuresBefore = tally.failureCount;
  tally.add('rounds');
  clients.begin(`${name}/`);
  const beganMs = performance.now();
  await becomes(() => clients.unserved(beganMs).length === 0, FIRST_ANSWER_MS);
  if (cluster.shape.serversKeepData && plan.some(({ fault }) => fault === 'damage')) await copyDirectories(field);
  const strikes = plan.map((strike, index) => carryOut(strike, field, random.stream(`strike ${index}`), end));
  await Promise.all([...strikes, waitUnlessAborted(lengthMs, end)]);
  heal(field);
  const hasFailed = () => tally.failureCount > failuresBefore;
  const trouble = hasFailed() ? undefined : await troubleAfter(clients, field, boundMs);
  if (trouble !== undefined) tally.fail(trouble);
  if (hasFailed()) return { history: clients.recorder.history(), isWell: false };
  if (!(await within(clients.end(), boundMs))) {
    tally.fail(`an operation has no answer ${boundMs} ms after the last one began`);
    return { history: clients.recorder.history(), isWell: false };
  }
  const history = clients.recorder.history();
  const again = new Map(random.shuffle([...settled]).slice(0, REREAD_KEYS));
  const { reads, values } = await readAll(clients, [...keysOf(history), ...again.keys()], boundMs);
  for (const [key, value] of settledIn(history, values)) {
    if (!again.has(key)) settled.set(key, value);
  }
  return { history: { ...history, events: [...beginningWith(again), ...history.events, ...reads] }, isWell: true };
}

async function carryOut({ fault, atMs, durationMs }: Strike, field: Field, random: SeededRandom, end: AbortSignal) {
  await waitUnlessAborted(atMs, end);
  if (end.aborted) return;
  await field.mayBegin;
  await FAULTS[fault](field, random, durationMs);
}

function waitUnlessAborted(ms: number, end: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (end.aborted) return resolve();
    const finish = () => {
      clearTimeout(timer);
      end.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, ms);
    end.addEventListener('abort', finish);
  });
}

/** Everything that a fault did is undone by now. What was on its way between clients and servers is lost, so that it cannot come later. */
function heal({ cluster }: Field): void {
  for (const member of cluster.members) if (member.isStopped) member.continue();
  cluster.links.reset((from, to) => from === CLIENTS || to === CLIENTS);
}

/** Why the service is not what it was, if it is not. */
async function troubleAfter(
  clients: SiegeClients,
  { cluster, tally }: Field,
  boundMs: number,
): Promise<string | undefined> {
  const sinceMs = performance.now();
  if (!(await becomes(() => clients.unserved(sinceMs).length === 0, boundMs))) {
    const waiting = (await cluster.monitorStatus())?.waiting;
    return `no answer for ${clients.unserved(sinceMs).join(', ')} ${boundMs} ms after the faults; the monitor waits for ${JSON.stringify(waiting)}`;
  }
  tally.sawRecovery(performance.now() - sinceMs);
  if (await becomes(() => cluster.isAtFullStrength(), boundMs)) return undefined;
  const status = await cluster.monitorStatus();
  return `not at full strength ${boundMs} ms after the faults: ${JSON.stringify({ ...status, history: undefined })}`;
}

async function readAll(clients: SiegeClients, keys: readonly string[], timeout: number) {
  const values = new Map<string, string | null>();
  const reads = [];
  for (const key of keys) {
    const call = clients.recorder.moment();
    const output = (await clients.kv.get(key, { timeout })) ?? null;
    reads.push({ client: 'last', op: 'get', key, output, call, return: clients.recorder.moment() } as const);
    values.set(key, output);
  }
  return { reads, values };
}

function keysOf({ events }: History): readonly string[] {
  return [...new Set(events.flatMap(({ key }) => key ?? []))];
}

/** Faults of processes: they stand still, die, leave on purpose; all of them die at once. */
import type { SeededRandom } from '@understudy/testkit';
import type { Fault, Field } from '../field.ts';
import type { Ended, Member } from '../member.ts';
import { becomes, sleep } from '../waiting.ts';

const LONGEST_DOWN_MS = 3_000;
const LEAVING_MS = 25_000;
/** How long a fault that destroys data waits for a moment at which it may strike. */
const WAIT_MS = 3_000;

export const stop: Fault = async (field, random, durationMs) => {
  const victims = random.shuffle(field.free).slice(0, random.chance(0.2) ? 2 : 1);
  if (victims.length === 0) return;
  await field.handle(victims, async () => {
    field.tell(`stop ${namesOf(victims)} for ${Math.round(durationMs)} ms`);
    field.tally.add('stops', victims.length);
    for (const victim of victims) victim.stop();
    await sleep(durationMs);
    for (const victim of victims) victim.continue();
  });
};

export const kill: Fault = async (field, random) => {
  const { free } = field;
  if (free.length === 0) return;
  const victim = random.pick(free);
  await field.handle([victim], async () => {
    const isDead = await (victim === field.cluster.monitor ? killMonitor(field) : killServer(field, victim));
    if (!isDead) return void field.tally.add('withheldFaults');
    field.tell(`killed ${victim.name}`);
    field.tally.add('kills');
    await startAgain(field, victim, random);
  });
};

export const leave: Fault = (field, random) => leaveTogether(field, random, 1);

/** Two at once, with a third that stays: the data has to be there before the last holder leaves (V14). */
export const leaveInPairs: Fault = (field, random) => leaveTogether(field, random, 2);

/** In memory, only where nothing else is wrong, because the data of those that leave may be the last. */
async function leaveTogether(field: Field, random: SeededRandom, count: number): Promise<void> {
  const victims = random.shuffle(field.freeServers).slice(0, count);
  if (victims.length < count) return;
  await field.handle(victims, async () => {
    const left = field.cluster.shape.serversKeepData
      ? await sendAway(field, victims)
      : await sendAwayInPeace(field, victims);
    if (!left) return void field.tally.add('withheldFaults');
    for (const victim of victims) await startAgain(field, victim, random);
  });
}

export const totalCrash: Fault = async (field, random) => {
  const { cluster } = field;
  if (!cluster.shape.serversKeepData) return;
  if (!(await becomes(() => field.free.length === cluster.members.length, WAIT_MS))) return;
  await field.handle(cluster.members, () =>
    field.destroying(async () => {
      // Without its state, the monitor needs a report of each server that may have been promoted (V12).
      const mayFall = cluster.shape.monitorKeepsData || (await becomes(() => field.custody.isWhole(), WAIT_MS));
      if (!mayFall) return void field.tally.add('withheldFaults');
      field.tell('total crash');
      field.tally.add('totalCrashes');
      await Promise.all(cluster.members.map((member) => member.kill()));
      await Promise.all(random.shuffle(cluster.members).map((member) => startAgain(field, member, random)));
    }),
  );
};

export async function startAgain(field: Field, member: Member, random: SeededRandom): Promise<void> {
  await sleep(random.integer(0, random.chance(0.5) ? 100 : LONGEST_DOWN_MS));
  const ended = await member.start();
  if (ended === undefined) return;
  field.tally.fail(`${member.name} did not start again (${howOf(ended)}):\n${member.lastWords()}`);
}

async function killMonitor(field: Field): Promise<boolean> {
  const { monitor, shape } = field.cluster;
  if (shape.monitorKeepsData) {
    await monitor.kill();
    return true;
  }
  return field.destroying(async () => {
    if (!(await becomes(() => field.custody.isWhole(), WAIT_MS))) return false;
    await monitor.kill();
    field.tally.add('monitorsWithoutState');
    return true;
  });
}

async function killServer(field: Field, victim: Member): Promise<boolean> {
  if (field.cluster.shape.serversKeepData) {
    await victim.kill();
    return true;
  }
  return field.destroying(async () => {
    victim.stop();
    const custodians = await field.custody.besides(victim);
    if (custodians === undefined) {
      victim.continue();
      return false;
    }
    field.custody.destroyed(victim, custodians);
    await victim.kill();
    return true;
  });
}

/** Nothing else is wrong, and nothing else begins to be: what leaves hands its data over. */
function sendAwayInPeace(field: Field, victims: readonly Member[]): Promise<boolean> {
  return field.destroying(() =>
    field.peace(async () => {
      const isCalm = async () => field.isCalmBut(victims) && (await field.cluster.isAtFullStrength());
      if (!(await becomes(isCalm, 2 * WAIT_MS))) return false;
      return sendAway(field, victims, 0);
    }),
  );
}

/** With an exit code that has to be, where there is one: without a disk, code 1 says that data is lost (V14). */
async function sendAway(field: Field, victims: readonly Member[], code?: number): Promise<boolean> {
  field.tell(`${namesOf(victims)} ${victims.length === 1 ? 'leaves' : 'leave together'}`);
  field.tally.add('leaves', victims.length);
  const ends = await Promise.all(victims.map((victim) => victim.leave(LEAVING_MS)));
  for (const [index, ended] of ends.entries()) {
    const victim = victims[index] as Member;
    if (ended === undefined) {
      if (code !== undefined) field.tally.fail(`${victim.name} has not left ${LEAVING_MS} ms after SIGTERM`);
      field.tell(`${victim.name} did not leave in time, and is killed`);
      await victim.kill();
    } else if (!(code === undefined ? [0, 1] : [code]).includes(ended.code ?? -1)) {
      field.tally.fail(`${victim.name} left with ${howOf(ended)}:\n${victim.lastWords()}`);
    }
  }
  return true;
}

function howOf({ code, signal }: Ended): string {
  return signal === null ? `exit code ${code}` : `signal ${signal}`;
}

function namesOf(members: readonly Member[]): string {
  return members.map(({ name }) => name).join(' and ');
}

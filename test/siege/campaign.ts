/** One cluster under siege, round after round, until its time is over or something failed. */
import { setMaxListeners } from 'node:events';
import type { SeededRandom } from '@understudy/testkit';
import { Clocks } from './clocks.ts';
import { type Shape, SiegeCluster } from './cluster.ts';
import { type FaultName, NEED_DISKS } from './faults/catalogue.ts';
import { Field } from './field.ts';
import { checkHistory } from './histories.ts';
import type { MemberParts } from './member.ts';
import { drawPlan } from './plan.ts';
import { playRound, type Round } from './round.ts';
import { SiegeClients } from './siege-clients.ts';
import type { Tally } from './tally.ts';
import { Watch } from './watch.ts';

export interface CampaignParts {
  readonly shape: Shape;
  readonly directory: string;
  readonly random: SeededRandom;
  readonly tally: Tally;
  readonly faults: readonly FaultName[];
  /** The library; without it no clock jumps. */
  readonly libfaketime: string | undefined;
  readonly lengthMs: number;
  readonly roundMs: number;
  readonly boundMs: number;
  readonly maxBytes: number;
  readonly tell: (text: string) => void;
  readonly end: AbortSignal;
}

/** Everything is ended and checked when it resolves. */
export async function playCampaign(parts: CampaignParts): Promise<void> {
  const { shape, directory, random, tally, libfaketime, maxBytes, tell, faults } = parts;
  const clocks = libfaketime !== undefined && faults.includes('clock') ? new Clocks(libfaketime, directory) : undefined;
  const checks: Promise<void>[] = [];
  setMaxListeners(0, parts.end); // each strike that is still to come listens
  tally.add('clusters');
  const onUnexpectedEnd: MemberParts['onUnexpectedEnd'] = (member, how) => {
    tally.fail(`${member.name} ended by itself with ${how}:\n${member.lastWords()}`);
  };
  {
    await using cluster = await SiegeCluster.start({ shape, directory, random, clocks, onUnexpectedEnd });
    await using _watch = new Watch(cluster, tally, maxBytes);
    await using clients = new SiegeClients({ cluster, random: random.stream('clients'), tally });
    await playRounds(parts, new Field({ cluster, tally, clocks, tell }), clients, checks);
  }
  await Promise.all(checks);
}

async function playRounds(
  parts: CampaignParts,
  field: Field,
  clients: SiegeClients,
  checks: Promise<void>[],
): Promise<void> {
  const { shape, random, lengthMs, roundMs, boundMs, tell, end } = parts;
  const faults = parts.faults.filter((fault) => shape.serversKeepData || !NEED_DISKS.includes(fault));
  const settled = new Map<string, string | null>();
  const endMs = performance.now() + lengthMs;
  for (let number = 1; performance.now() < endMs && !end.aborted; number += 1) {
    const name = `r${number}`;
    const plan = drawPlan(random.stream(name), faults, roundMs);
    tell(`round ${number}: ${[...new Set(plan.map(({ fault }) => fault))].join(', ') || 'no faults'}`);
    const round = await playRound({
      name,
      field,
      clients,
      random: random.stream(`${name} strikes`),
      plan,
      lengthMs: roundMs,
      boundMs,
      settled,
      end,
    });
    checks.push(check(parts, name, round));
    if (!round.isWell) return;
  }
}

async function check({ directory, tally, tell }: CampaignParts, name: string, { history }: Round): Promise<void> {
  const { file, verdict, explanation } = await checkHistory(directory, name, history);
  tally.add('checkedHistories');
  if (verdict === 'undecided') tally.add('undecidedChecks');
  if (verdict !== 'linearizable') tell(`${file}: ${verdict}: ${explanation}`);
  if (verdict === 'violation') tally.fail(`${file} is not linearizable:\n${explanation}`);
}

/** A siege: one cluster after the other, each with and without data directories, until the time is over. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SeededRandom } from '@understudy/testkit';
import { playCampaign } from './campaign.ts';
import type { Shape } from './cluster.ts';
import type { SiegeOptions } from './options.ts';
import { Tally } from './tally.ts';

export interface SiegeParts {
  readonly options: SiegeOptions;
  readonly libfaketime: string | undefined;
  readonly tell: (text: string) => void;
  /** Aborted: end the round, check what there is. */
  readonly end: AbortSignal;
}

export interface Outcome {
  readonly tally: Tally;
  /** Where logs and histories are; undefined when they were removed. */
  readonly directory: string | undefined;
}

const SERVERS = 3;
const LONGEST_CAMPAIGN_MS = 5 * 60_000;
/**
 * Three of five keep the servers' data on disk: what befalls disks is withheld often, because another good copy has to
 * be left.
 */
const SHAPES = [
  { monitorKeepsData: true, serversKeepData: true },
  { monitorKeepsData: false, serversKeepData: true },
  { monitorKeepsData: true, serversKeepData: true },
  { monitorKeepsData: true, serversKeepData: false },
  { monitorKeepsData: false, serversKeepData: false },
] as const;
const ROUND_MS = 30_000;

export async function laySiege({ options, libfaketime, tell, end }: SiegeParts): Promise<Outcome> {
  const { seed, minutes, faults, keep, boundSeconds, maxMemoryMiB } = options;
  const tally = new Tally();
  const random = new SeededRandom(seed);
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), 'understudy-siege-'));
  const endMs = performance.now() + minutes * 60_000;
  // In a siege that is long enough, each shape has its turn.
  const lengthMs = Math.min(LONGEST_CAMPAIGN_MS, (minutes * 60_000) / SHAPES.length);
  for (let number = 1; performance.now() < endMs && !end.aborted; number += 1) {
    const stream = random.stream(`cluster ${number}`);
    const shape = shapeOf(stream, number);
    const folder = join(directory, `cluster-${number}`);
    mkdirSync(folder, { recursive: true });
    tell(`cluster ${number}: ${inWords(shape)}`);
    const failuresBefore = tally.failureCount;
    const length = Math.min(lengthMs, endMs - performance.now());
    await playCampaign({
      shape,
      directory: folder,
      random: stream,
      tally,
      faults,
      libfaketime,
      lengthMs: length,
      roundMs: Math.min(ROUND_MS, length),
      boundMs: boundSeconds * 1_000,
      maxBytes: maxMemoryMiB * 2 ** 20,
      tell,
      end,
    });
    if (tally.failureCount > failuresBefore) tell(`FAILED: ${tally.failures.at(-1)}`);
    else if (!keep) rmSync(folder, { recursive: true });
  }
  const isKept = keep || tally.failureCount > 0;
  if (!isKept && options.directory === undefined) rmSync(directory, { recursive: true });
  return { tally, directory: isKept ? directory : undefined };
}

function shapeOf(random: SeededRandom, number: number): Shape {
  const kind = SHAPES[(number - 1) % SHAPES.length] ?? SHAPES[0];
  return { ...kind, servers: SERVERS, backups: random.chance(0.2) ? 2 : 1 };
}

function inWords({ servers, backups, monitorKeepsData, serversKeepData }: Shape): string {
  const memory = (keeps: boolean) => (keeps ? 'on disk' : 'in memory');
  return `monitor ${memory(monitorKeepsData)}, ${servers} servers ${memory(serversKeepData)}, ${backups} backups wanted`;
}

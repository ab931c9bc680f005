import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkLinearizable, SeededRandom } from '@understudy/testkit';
import { expect } from 'chai';
import { DurableCluster } from './durable-cluster.ts';
import { RecordedClients, type RecordedEvent } from './recorded-clients.ts';

const ROUNDS = Number(process.env.ROUNDS ?? 10);
const SERVERS = 3;
const CLIENTS = 8;
/** Some die again before anything was answered, in the middle of coming back. */
const EARLY_SHARE = 0.2;

describe('real processes: the monitor and all servers are killed at once, under load', function () {
  this.timeout(60_000 + ROUNDS * 20_000);

  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'understudy-power-'));
  });

  afterEach(() => rm(directory, { recursive: true, force: true }));

  it(`${ROUNDS} times: every acknowledged append is there, once, and the histories are linearizable (R9, V9)`, async () => {
    const random = new SeededRandom(Math.random());
    await using cluster = await DurableCluster.start(directory, SERVERS);
    const clients = new RecordedClients(cluster.monitor, CLIENTS, random);
    const startMs = performance.now();

    for (let round = 0; round < ROUNDS; round += 1) {
      clients.nextEpoch();
      if (!random.chance(EARLY_SHARE)) await clients.answered(random.integer(20, 300));
      await new Promise((resolve) => setTimeout(resolve, random.integer(0, 600)));
      await cluster.killAll();
      await cluster.restartAll(random);
    }
    const values = await clients.finish();
    const { events } = clients;

    expect(appendsOf(values)).to.deep.equal(acknowledgedOf(events));
    const { verdict, violation } = checkLinearizable({ events });
    expect(violation, violation?.key).to.equal(undefined);
    expect(verdict).to.equal('linearizable');
    expect(events.length).to.be.greaterThan(10 * ROUNDS);
    if (process.env.ROUNDS !== undefined) report(events, performance.now() - startMs);
  });
});

/** Every token that a key holds, as often as it is there. */
function appendsOf(values: ReadonlyMap<string, string>): readonly string[] {
  return [...values]
    .flatMap(([key, value]) =>
      value
        .split(';')
        .slice(0, -1)
        .map((token) => `${key} ${token};`),
    )
    .sort();
}

function acknowledgedOf(events: readonly RecordedEvent[]): readonly string[] {
  return events.flatMap(({ op, key, value }) => (op === 'append' ? [`${key} ${value}`] : [])).sort();
}

function report(events: readonly RecordedEvent[], tookMs: number): void {
  const appends = events.filter(({ op }) => op === 'append').length;
  const longestMs = Math.max(...events.map((event) => event.return - event.call));
  console.log(
    `      ${ROUNDS} rounds in ${(tookMs / 1_000).toFixed(1)} s: ${appends} appends and ${events.length - appends} reads; ` +
      `the longest took ${(longestMs / 1_000).toFixed(1)} s`,
  );
}

import type { KVClient, OperationOptions } from '@understudy/kvservice';
import { UnderstudyError } from '@understudy/rpc';
import type { LinkFaults } from '@understudy/testkit';
import { expect } from 'chai';
import fc from 'fast-check';
import { type Instead, ScriptedCluster } from './client-cluster.ts';

/** Faults are over by then, and everything that still can succeed has to. */
const HEALED_MS = 3_000;

const WRITES: Readonly<Record<string, (kv: KVClient, key: string, options: OperationOptions) => Promise<unknown>>> = {
  put: (kv, key, options) => kv.put(key, 'v', options),
  append: (kv, key, options) => kv.append(key, 'v', options),
  putHash: (kv, key, options) => kv.putHash(key, 'v', options),
  delete: (kv, key, options) => kv.delete(key, options),
  cas: (kv, key, options) => kv.cas(key, null, 'v', options),
};

const milliseconds = fc.integer({ min: 0, max: HEALED_MS });
const seldom = (max: number) => fc.oneof(fc.constant(0), fc.double({ min: 0, max, noNaN: true }));
const server = fc.constantFrom('a:1', 'b:1', 'c:1');

const network = fc.record({
  drop: seldom(0.3),
  loseReply: seldom(0.3),
  reset: seldom(0.1),
  reorder: seldom(0.3),
  jitterMs: seldom(100),
});

/** Such as a server does now and then, to any request; `after`: how much later it serves nevertheless. */
const misdeed: fc.Arbitrary<Instead> = fc.oneof(
  fc.constantFrom<Instead>(
    { fail: 'NOT_READY' },
    { fail: 'NOT_PRIMARY' },
    { fail: 'OVERLOADED', data: { retryAfterMs: 20 } },
    { fail: 'OUTCOME_UNKNOWN' },
    { hang: true },
    { crash: true },
    { crash: true, after: 0 },
  ),
  fc.integer({ min: 0, max: 1_500 }).map((after): Instead => ({ fail: 'OUTCOME_UNKNOWN', after })),
  fc.integer({ min: 0, max: 1_500 }).map((after): Instead => ({ hang: true, after })),
);

const event = fc.oneof(
  fc.record({ kind: fc.constant('promote' as const), at: milliseconds, server }),
  fc.record({ kind: fc.constant('crash' as const), at: milliseconds, server }),
  fc.record({ kind: fc.constant('restart' as const), at: milliseconds, server }),
  fc.record({ kind: fc.constant('monitor away' as const), at: milliseconds, ms: fc.integer({ min: 1, max: 800 }) }),
  fc.record({ kind: fc.constant('sessions expire' as const), at: milliseconds }),
);

const operation = fc.record({
  at: milliseconds,
  write: fc.constantFrom(...Object.keys(WRITES)),
  timeout: fc.option(fc.integer({ min: 0, max: 1_500 }), { nil: undefined, freq: 3 }),
  abortAfter: fc.option(fc.integer({ min: 0, max: 1_500 }), { nil: undefined, freq: 4 }),
});

const scenario = fc.record({
  seed: fc.nat(),
  network,
  misdeeds: fc.array(fc.option(misdeed, { nil: undefined, freq: 3 }), { maxLength: 60 }),
  events: fc.array(event, { maxLength: 8 }),
  operations: fc.array(operation, { minLength: 1, maxLength: 25 }),
  closeAt: fc.option(milliseconds, { nil: undefined, freq: 5 }),
});

type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;

interface Outcome {
  readonly key: string;
  readonly failure: UnderstudyError | undefined;
}

/** Plays a scenario to its end, when everything late has come. */
async function play(
  cluster: ScriptedCluster,
  { misdeeds, events, operations, closeAt, ...rest }: Scenario,
  faults: Partial<LinkFaults>,
) {
  await cluster.start();
  const kv = cluster.client();
  cluster.world.network.configure({ ...rest.network, ...faults });
  const deeds = [...misdeeds];
  cluster.script = () => (cluster.world.now < HEALED_MS ? deeds.shift() : undefined);
  for (const happening of events) cluster.world.at(happening.at, () => happen(cluster, happening));
  cluster.world.at(HEALED_MS, () => heal(cluster));
  if (closeAt !== undefined) cluster.world.at(closeAt, () => void kv.close());
  const outcomes = await Promise.all(operations.map((wanted, i) => perform(cluster, kv, `key-${i}`, wanted)));
  await kv.close();
  cluster.expectNothingLeft();
  await cluster.world.runFor(20_000);
  return outcomes;
}

function happen(cluster: ScriptedCluster, happening: Scenario['events'][number]): void {
  switch (happening.kind) {
    case 'promote':
      return cluster.promote(happening.server);
    case 'crash':
      return cluster.crash(happening.server);
    case 'restart':
      return restart(cluster, happening.server);
    case 'monitor away':
      cluster.monitor = () => 'hang';
      return cluster.world.at(happening.ms, () => {
        cluster.monitor = () => cluster.view;
      });
    case 'sessions expire':
      return cluster.model.sessions.clear();
  }
}

function restart(cluster: ScriptedCluster, address: string): void {
  if (!cluster.world.process(address.slice(0, 1)).alive) void cluster.startServer(address);
}

function heal(cluster: ScriptedCluster): void {
  cluster.world.network.calm();
  cluster.monitor = () => cluster.view;
  for (const address of ['a:1', 'b:1', 'c:1']) restart(cluster, address);
}

async function perform(
  cluster: ScriptedCluster,
  kv: KVClient,
  key: string,
  wanted: Scenario['operations'][number],
): Promise<Outcome> {
  await cluster.world.runFor(wanted.at);
  const abort = new AbortController();
  const { timeout, abortAfter } = wanted;
  if (abortAfter !== undefined) cluster.world.at(abortAfter, () => abort.abort());
  try {
    await WRITES[wanted.write]?.(kv, key, { timeout, signal: abort.signal });
    return { key, failure: undefined };
  } catch (failure) {
    if (!(failure instanceof UnderstudyError)) throw failure;
    return { key, failure };
  }
}

/** How often each operation took effect. */
function effectsOf(cluster: ScriptedCluster): ReadonlyMap<string, number> {
  const effects = new Map<string, number>();
  for (const { key } of cluster.model.effects) effects.set(key, (effects.get(key) ?? 0) + 1);
  return effects;
}

function run(
  wanted: Scenario,
  check: (cluster: ScriptedCluster, outcomes: readonly Outcome[]) => void,
  faults: Partial<LinkFaults> = {},
) {
  const cluster = new ScriptedCluster(wanted.seed);
  return cluster.world.run(async () => check(cluster, await play(cluster, wanted, faults)), { limitMs: 600_000 });
}

describe('client: at most once, and the truth about it, whatever happens', () => {
  it('what succeeds took effect once; what fails definitely never; anything else at most once', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, (wanted) =>
        run(wanted, (cluster, outcomes) => {
          const effects = effectsOf(cluster);
          for (const { key, failure } of outcomes) {
            const times = effects.get(key) ?? 0;
            if (failure === undefined) expect(times, `${key} succeeded`).to.equal(1);
            else if (failure.definite) expect(times, `${key}: ${failure}`).to.equal(0);
            else expect(times, `${key}: ${failure}`).to.be.at.most(1);
          }
        }),
      ),
      { numRuns: 400 },
    );
  });

  it('nothing fails but by what its caller did, or because its session ended', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, (wanted) =>
        run(wanted, (_, outcomes) => {
          outcomes.forEach(({ failure }, i) => {
            const { timeout, abortAfter } = wanted.operations[i] ?? {};
            const names = [
              timeout !== undefined && 'TIMEOUT',
              abortAfter !== undefined && 'ABORTED',
              wanted.closeAt !== undefined && 'CLOSED',
              wanted.events.some(({ kind }) => kind === 'sessions expire') && 'OUTCOME_UNKNOWN',
            ];
            if (failure !== undefined) expect(names).to.include(failure.name);
          });
        }),
      ),
      { numRuns: 200 },
    );
  });

  it('the monitor is asked a bounded number of times', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, (wanted) =>
        run(wanted, (cluster) => {
          // Two a round of at least 50 ms, and two for the tries that fail while none is under way.
          expect(cluster.noticed('asking').length).to.be.at.most(4 + (2 * (HEALED_MS + 2_000)) / 50);
        }),
      ),
      { numRuns: 100 },
    );
  });

  it('requests that the network doubles, soon or late, take effect once', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, (wanted) =>
        run(
          // What one copy is refused, definitely, the other may do: where its session ends then, nothing tells the two apart.
          { ...wanted, events: wanted.events.filter(({ kind }) => kind !== 'sessions expire') },
          (cluster) => {
            for (const [key, times] of effectsOf(cluster)) expect(times, key).to.equal(1);
          },
          { duplicate: 0.3 },
        ),
      ),
      { numRuns: 200 },
    );
  });
});

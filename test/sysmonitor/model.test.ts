/** Random lives of a cluster: servers that obey the rules, garbage from strangers, and a monitor that must keep every promise. */
import { expect } from 'chai';
import fc from 'fast-check';
import { type Action, Model } from './support/model.ts';

/** More with UNDERSTUDY_RUNS, for a night. */
const RUNS = Number(process.env.UNDERSTUDY_RUNS ?? 80);

const server = fc.nat({ max: 3 });
const name = fc.constantFrom('s0', 's1', 's2', 's3', 'x', '__proto__');
const viewnum = fc.oneof(fc.nat({ max: 12 }), fc.nat({ max: 2_000 }), fc.constant(2 ** 52));
const names = fc.uniqueArray(name, { maxLength: 3 });

const time: fc.Arbitrary<Action> = fc.record({
  kind: fc.constant('time'),
  ms: fc.constantFrom(10, 100, 100, 300, 500, 700, 2_000),
  paused: fc.boolean(),
});
const ping: fc.Arbitrary<Action> = fc.record({ kind: fc.constant('ping'), server, answerLost: fc.boolean() });
const rounds: fc.Arbitrary<Action> = fc.record({
  kind: fc.constant('rounds'),
  times: fc.constantFrom(1, 1, 7),
  cutOff: fc.uniqueArray(server, { maxLength: 3 }),
});
const lost: fc.Arbitrary<Action> = fc.record({ kind: fc.constant('report-lost'), server });
const own: fc.Arbitrary<Action> = fc.record({ kind: fc.constantFrom('write', 'crash', 'leave'), server });
const write: fc.Arbitrary<Action> = fc.record({ kind: fc.constant('write'), server });
const replicate: fc.Arbitrary<Action> = fc.record({ kind: fc.constant('replicate'), server, to: server });
const replay: fc.Arbitrary<Action> = fc.record({ kind: fc.constant('replay'), age: fc.nat({ max: 30 }) });
const restart = (withData: fc.Arbitrary<boolean>): fc.Arbitrary<Action> =>
  fc.record({ kind: fc.constant('restart'), server, withData });
const monitorRestart = (withState: fc.Arbitrary<boolean>): fc.Arbitrary<Action> =>
  fc.record({ kind: fc.constant('monitor-restart'), withState });

/** Well-formed, and nothing else: from strangers, of other clusters, bare, with any number. */
const garbage: fc.Arbitrary<Action> = fc.record({
  kind: fc.constant('garbage'),
  ping: fc.record(
    {
      server: fc.constantFrom('x', 'y', '__proto__', 'constructor'),
      viewnum,
      incarnation: fc.constantFrom('', 'run-000001', 'run-999999'),
      seq: fc.nat({ max: 20 }),
      cluster: fc.constant('elsewhere'),
      position: fc.record({ viewnum, index: fc.nat() }),
      priority: fc.integer(),
      lost: names,
      leaving: fc.boolean(),
    },
    { requiredKeys: ['server', 'viewnum'] },
  ),
});

const common = [time, rounds, rounds, rounds, ping, ping, write, replicate, lost, own, replay];

function live(actions: readonly Action[], servers: number, backups: number): Model {
  const model = new Model(servers, backups);
  // The first primary has taken part: before that, its restart would leave a cluster that nobody may lead (V3).
  model.round();
  for (const action of actions) model.act(action);
  return model;
}

/** Everybody returns with its data, and rounds go on until all is well, or too long. */
function heal(model: Model): void {
  for (const one of model.servers) one.restart(true);
  for (let round = 0; round < 60; round++) model.round();
}

describe('random lives of a cluster', function () {
  this.timeout(60_000 + RUNS * 1_000);
  const size = { maxLength: 150, size: 'max' } as const;

  it('lose nothing committed, with blank restarts and a monitor that keeps its state', () => {
    const action = fc.oneof(...common, restart(fc.boolean()), monitorRestart(fc.constant(true)));
    const property = fc.property(fc.array(action, size), fc.integer({ min: 1, max: 2 }), (actions, backups) => {
      live(actions, 4, backups);
    });
    fc.assert(property, { numRuns: RUNS });
  });

  it('lose nothing committed, with blank restarts and a monitor that loses its state', () => {
    const action = fc.oneof(...common, restart(fc.boolean()), monitorRestart(fc.boolean()));
    const property = fc.property(fc.array(action, size), fc.integer({ min: 1, max: 2 }), (actions, backups) => {
      live(actions, 4, backups);
    });
    fc.assert(property, { numRuns: RUNS });
  });

  it('end well when no data was lost, even if the monitor lost its state', () => {
    const action = fc.oneof(...common, restart(fc.constant(true)), monitorRestart(fc.boolean()));
    const property = fc.property(fc.array(action, size), fc.integer({ min: 1, max: 2 }), (actions, backups) => {
      const model = live(actions, 4, backups);
      heal(model);
      const { acknowledged, view } = model.monitor.status(model.now);
      expect({ acknowledged, backups: view.backups.length }).to.deep.equal({ acknowledged: true, backups });
    });
    fc.assert(property, { numRuns: RUNS });
  });

  it('end well when the monitor loses its state twice, and nobody heard of the views between', () => {
    const unheard: Action[] = [
      { kind: 'ping', server: 0, answerLost: true },
      { kind: 'restart', server: 0, withData: true },
      { kind: 'ping', server: 0, answerLost: true },
    ];
    const lostState: Action = { kind: 'monitor-restart', withState: false };
    const silence: Action = { kind: 'rounds', times: 7, cutOff: [0] };
    const model = live([lostState, silence, ...unheard, lostState], 4, 1);
    heal(model);
    expect(model.monitor.status(model.now)).to.deep.include({ acknowledged: true });
  });

  it('keep what must hold under any ping from strangers', () => {
    const action = fc.oneof(...common, garbage, garbage, garbage, restart(fc.boolean()), monitorRestart(fc.boolean()));
    const property = fc.property(fc.array(action, size), (actions) => {
      live(actions, 3, 2);
    });
    fc.assert(property, { numRuns: RUNS });
  });
});

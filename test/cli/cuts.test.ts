/** Who is cut off from whom, and what a process that is cut off sees of it. */
import { getEventListeners } from 'node:events';
import { UnderstudyError, type World } from '@understudy/rpc';
import { SimulatedWorld } from '@understudy/testkit';
import { expect } from 'chai';
import { CutTransport } from '../../packages/cli/src/chaos/cut-transport.ts';
import { Cuts, type Side } from '../../packages/cli/src/chaos/cuts.ts';

describe('cuts in a local cluster', () => {
  const SERVERS = ['a', 'b', 'c'];
  /** What is cut, and whom a, b and c may not call then. */
  const table: readonly (readonly [Readonly<Record<string, readonly Side[]>>, readonly (readonly string[])[]])[] = [
    [{}, [[], [], []]],
    [{ a: ['monitor'] }, [['m'], [], []]],
    [{ a: ['servers'] }, [['b', 'c'], ['a'], ['a']]],
    [{ a: ['monitor', 'servers'] }, [['m', 'b', 'c'], ['a'], ['a']]],
    [
      { a: ['servers'], b: ['servers'] },
      [
        ['b', 'c'],
        ['a', 'c'],
        ['a', 'b'],
      ],
    ],
    [{ m: ['servers'] }, [['m'], ['m'], ['m']]],
    [{ m: ['servers'], a: ['monitor'] }, [['m'], ['m'], ['m']]],
  ];
  for (const [cut, expected] of table) {
    it(JSON.stringify(cut), () => {
      const cuts = new Cuts();
      for (const [node, sides] of Object.entries(cut)) cuts.cut(node, sides);
      expect(SERVERS.map((server) => cuts.peersOf(server, 'm', SERVERS))).to.deep.equal(expected);
      for (const node of Object.keys(cut)) cuts.heal(node);
      expect(SERVERS.flatMap((server) => cuts.peersOf(server, 'm', SERVERS))).to.deep.equal([]);
    });
  }

  it('add up, and are told in order', () => {
    const cuts = new Cuts();
    cuts.cut('a', ['servers']);
    cuts.cut('a', ['monitor']);
    expect(cuts.of('a')).to.deep.equal(['monitor', 'servers']);
  });
});

describe('a transport that is cut off', () => {
  async function stage() {
    const world = new SimulatedWorld({ seed: 1 });
    let heard = 0;
    const methods = {
      echo: (_params: object, reply: { result(value: object): void }) => {
        heard += 1;
        reply.result({ heard });
      },
    };
    for (const name of ['s', 't']) {
      await world.process(name).world.transport.listen({ address: `${name}:1`, methods });
    }
    const { clock, transport } = world.process('c').world;
    const cut = new CutTransport(transport, clock);
    const ask = (to: string, options: Partial<Parameters<World['transport']['call']>[3]> = {}): Promise<string> =>
      cut.call(to, 'echo', {}, { timeoutMs: 500, ...options }).then(
        () => `answered at ${Math.round(world.now)}`,
        (error: unknown) => {
          if (!(error instanceof UnderstudyError)) throw error;
          return `${error.name} ${error.definite} at ${Math.round(world.now)}`;
        },
      );
    return { world, cut, ask, heard: () => heard };
  }

  it('hears nothing from those it is cut off from, and all from others, until it is healed', async () => {
    const { world, cut, ask, heard } = await stage();
    cut.cutOff(['s:1']);
    const both = Promise.all([ask('s:1'), ask('t:1')]);
    const [silent, answered] = await world.runUntilSettled(both);
    expect(silent).to.equal('TIMEOUT false at 500');
    expect(answered).to.match(/^answered at \d$/);
    expect(heard()).to.equal(1);
    cut.cutOff([]);
    expect(await world.runUntilSettled(ask('s:1'))).to.match(/^answered/);
  });

  it('loses the answer that was under way', async () => {
    const { world, cut, ask, heard } = await stage();
    const outcome = ask('s:1');
    cut.cutOff(['s:1']);
    expect(await world.runUntilSettled(outcome)).to.equal('TIMEOUT false at 500');
    expect(heard()).to.equal(1);
  });

  it('gives up when its caller does', async () => {
    const { world, cut, ask } = await stage();
    cut.cutOff(['s:1']);
    const end = new AbortController();
    const outcome = ask('s:1', { signal: end.signal, timeoutMs: Infinity });
    world.at(70, () => end.abort());
    expect(await world.runUntilSettled(outcome)).to.equal('ABORTED false at 70');
    expect(await world.runUntilSettled(ask('s:1', { signal: end.signal }))).to.equal('ABORTED false at 70');
  });

  it('hears of the end of many calls by one listener: Node warns of more than ten', async () => {
    const { world, cut, ask } = await stage();
    cut.cutOff(['s:1']);
    const end = new AbortController();
    const outcomes = Array.from({ length: 20 }, () => ask('s:1', { signal: end.signal, timeoutMs: Infinity }));
    expect(getEventListeners(end.signal, 'abort')).to.have.length(1);
    world.at(70, () => end.abort());
    expect(new Set(await world.runUntilSettled(Promise.all(outcomes)))).to.deep.equal(new Set(['ABORTED false at 70']));
    expect(getEventListeners(end.signal, 'abort')).to.deep.equal([]);
  });
});

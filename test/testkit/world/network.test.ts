/** The simulated network: what arrives, what does not, and what the caller is told. */
import { type Pages, UnderstudyError, type World } from '@understudy/rpc';
import { type LinkFaults, type Message, SimulatedWorld } from '@understudy/testkit';
import { expect } from 'chai';

interface Asked {
  readonly n: number;
  readonly at: number;
}

/** A world with a server `s` at `s:1` that answers what it is asked, and a client `c`. */
async function twoProcesses(seed: number | string = 1) {
  const world = new SimulatedWorld({ seed });
  const [server, client] = [world.process('s'), world.process('c')];
  const asked: Asked[] = [];
  await server.world.transport.listen({
    address: 's:1',
    methods: {
      echo: (params, reply) => {
        asked.push({ n: params.n as number, at: world.now });
        reply.result(params);
      },
    },
  });
  return { world, network: world.network, server, client, asked };
}

/** The answer, or the failure as `NAME definite`. */
async function ask(caller: World, n: number, timeoutMs = 100, to = 's:1'): Promise<string> {
  try {
    return JSON.stringify(await caller.transport.call(to, 'echo', { n }, { timeoutMs }));
  } catch (error) {
    if (!(error instanceof UnderstudyError)) throw error;
    return `${error.name} ${error.definite}`;
  }
}

async function manyOutcomes(faults: Partial<LinkFaults>, calls = 1_000) {
  const { world, network, client, asked } = await twoProcesses();
  network.configure(faults);
  const outcomes: string[] = [];
  await world.run(async () => {
    for (let n = 0; n < calls; n++) {
      void ask(client.world, n).then((outcome) => outcomes.push(outcome));
      await world.runFor(1);
    }
    await world.runFor(10_000);
  });
  const count = (pattern: RegExp) => outcomes.filter((outcome) => pattern.test(outcome)).length;
  return {
    world,
    asked,
    answered: count(/^{/),
    timeouts: count(/^TIMEOUT false/),
    lost: count(/^CONNECTION_LOST false/),
  };
}

describe('the simulated network', () => {
  describe('without faults', () => {
    it('delivers everything, in order, and what leaves in one turn in one turn', async () => {
      const { world, client, asked } = await twoProcesses();
      const answers: Promise<string>[] = [];
      await world.run(async () => {
        for (let turn = 0; turn < 100; turn++) {
          answers.push(ask(client.world, 2 * turn), ask(client.world, 2 * turn + 1));
          await world.runFor(0.05);
        }
        expect(await Promise.all(answers)).to.deep.equal(answers.map((_, n) => `{"n":${n}}`));
      });
      expect(asked.map(({ n }) => n)).to.deep.equal(answers.map((_, n) => n));
      for (let n = 0; n < asked.length; n += 2) expect(asked[n]?.at).to.equal(asked[n + 1]?.at);
    });

    it('gives out ports that are free, and refuses those that are taken', async () => {
      const { world, server } = await twoProcesses();
      const listeners = await Promise.all(
        [0, 1].map(() => server.world.transport.listen({ address: 'h:0', methods: {} })),
      );
      expect(new Set(listeners.map(({ address }) => address)).size).to.equal(2);
      const second = world.process('x').world.transport.listen({ address: 's:1', methods: {} });
      const error = await second.catch((failure: UnderstudyError) => failure);
      expect(error).to.include({ name: 'CONFLICTING_SERVER' });
    });

    it('notes a method that throws, and answers nothing but that', async () => {
      const { world, network, server, client } = await twoProcesses();
      const methods = {
        echo: () => {
          throw new TypeError('secret');
        },
      };
      await server.world.transport.listen({ address: 's:2', methods });
      expect(await world.runUntilSettled(ask(client.world, 1, 100, 's:2'))).to.equal('INTERNAL_ERROR false');
      expect(network.defects).to.have.length(1);
      expect(network.defects[0]).to.include({ process: 's', method: 'echo' });
      expect(String(network.defects[0]?.error)).to.equal('TypeError: secret');
    });

    it('shows what a page would answer', async () => {
      const { network, server } = await twoProcesses();
      const pages: Pages = {
        '/health': () => ({ status: 503, body: { ready: false } }),
        '/things/': { PUT: ({ rest, query, body }) => ({ status: 201, body: { rest, query, body } }) },
        '/refused': () => {
          throw new UnderstudyError('KEY_NOT_FOUND', 'not there');
        },
      };
      await server.world.transport.listen({ address: 's:2', methods: {}, pages });
      const put = await network.page('s:2', '/things/a%20b?c=d', { method: 'PUT', body: 'e' });
      expect(put).to.deep.equal({ status: 201, body: { rest: 'a b', query: { c: 'd' }, body: 'e' } });
      expect(await network.page('s:2', '/things/a')).to.equal(undefined);
      expect(await network.page('s:2', '/refused')).to.include({ status: 404 });
      expect(await network.page('s:2', '/health')).to.deep.equal({ status: 503, body: { ready: false } });
      expect(await network.page('s:2', 'constructor')).to.equal(undefined);
      expect(await network.page('s:3', '/health')).to.equal(undefined);
    });
  });

  describe('a page that goes on', () => {
    async function ticking() {
      const { world, network, server } = await twoProcesses();
      const pages: Pages = {
        '/ticks': ({ signal }) => ({
          status: 200,
          stream: (outlet) => {
            const tick = (): void => {
              outlet.write(`${outlet.unsentBytes};`);
              if (!signal.aborted) server.world.clock.after(10, tick);
            };
            tick();
          },
        }),
        '/once': () => ({ status: 200, body: 'all of it' }),
      };
      const listener = await server.world.transport.listen({ address: 's:2', methods: {}, pages });
      return { world, network, server, listener };
    }

    it('is read as it is written, until the reader leaves', async () => {
      const { world, network, server } = await ticking();
      const reading = await network.read('s:2', '/ticks');
      expect(reading?.text).to.equal('0;');
      await world.runFor(25);
      expect(reading?.text).to.equal('0;0;0;');
      if (reading !== undefined) reading.isSlow = true;
      await world.runFor(20);
      expect(reading?.text).to.equal('0;0;0;0;2;');
      reading?.leave();
      await world.runFor(100);
      expect([reading?.text, server.leftovers.timers]).to.deep.equal(['0;0;0;0;2;', 0]);
    });

    it('ends with the listener, and with the process', async () => {
      const { world, network, server, listener } = await ticking();
      const one = await network.read('s:2', '/ticks');
      await world.runUntilSettled(listener.close());
      expect([one?.isOver, one?.signal.aborted]).to.deep.equal([true, true]);
      const again = await ticking();
      const other = await again.network.read('s:2', '/ticks');
      again.server.crash();
      expect(other?.isOver).to.equal(true);
      expect(server.alive).to.equal(true);
    });

    it('may turn out to be none', async () => {
      const { network } = await ticking();
      expect((await network.read('s:2', '/once'))?.isOver).to.equal(true);
      expect(await network.read('s:2', '/none')).to.equal(undefined);
      expect(await network.read('s:3', '/ticks')).to.equal(undefined);
    });
  });

  describe('with faults by chance', () => {
    it('drops: neither executed, or executed and not answered; the call ends by its own deadline', async () => {
      const { asked, answered, timeouts } = await manyOutcomes({ drop: 0.1 });
      expect(asked.length).to.be.within(860, 940);
      expect(answered).to.be.within(770, 850);
      expect(timeouts).to.equal(1_000 - answered);
    });

    it('loses replies only', async () => {
      const { asked, answered, timeouts } = await manyOutcomes({ loseReply: 0.2 });
      expect(asked).to.have.length(1_000);
      expect(answered).to.be.within(760, 840);
      expect(timeouts).to.equal(1_000 - answered);
    });

    it('duplicates: executed twice, answered once; the second answer belongs to nobody', async () => {
      const { world, asked, answered } = await manyOutcomes({ duplicate: 0.1 });
      expect(answered).to.equal(1_000);
      expect(asked.length).to.be.within(1_060, 1_140);
      const fates = world.network.trace.entries.map(({ fate }) => fate);
      expect(fates).to.include('unclaimed');
    });

    it('replays some of them long after', async () => {
      const { asked } = await manyOutcomes({ duplicate: 0.2 });
      const first = new Map<number, number>();
      const delays: number[] = [];
      for (const { n, at } of asked) {
        const before = first.get(n);
        if (before === undefined) first.set(n, at);
        else delays.push(at - before);
      }
      expect(Math.max(...delays)).to.be.above(500);
    });

    it('reorders', async () => {
      const { asked, answered } = await manyOutcomes({ reorder: 0.1 });
      const numbers = asked.map(({ n }) => n);
      expect(answered).to.equal(1_000);
      expect(numbers).not.to.deep.equal(numbers.toSorted((a, b) => a - b));
    });

    it('straggles: late, and everything behind waits', async () => {
      const { asked, answered } = await manyOutcomes({ straggle: 0.02 });
      const numbers = asked.map(({ n }) => n);
      expect(answered).to.equal(1_000);
      expect(numbers).to.deep.equal(numbers.toSorted((a, b) => a - b));
      expect(Math.max(...asked.map(({ n, at }) => at - n))).to.be.above(20);
    });

    it('resets connections in the middle of calls', async () => {
      const { asked, answered, lost, timeouts } = await manyOutcomes({ reset: 0.05 });
      expect(lost).to.be.within(50, 300);
      expect(answered + lost).to.equal(1_000);
      expect(timeouts).to.equal(0);
      expect(asked.length, 'some were executed all the same').to.be.within(answered + 10, 990);
    });

    it('is as unreliable as in the lab, to the addresses that are named', async () => {
      const { world, network, client, server, asked } = await twoProcesses();
      await server.world.transport.listen({
        address: 's:2',
        methods: { echo: (params, reply) => reply.result(params) },
      });
      network.unreliable(['s:1']);
      const count = async (to: string) => {
        const outcomes = Array.from({ length: 2_000 }, (_, n) => ask(client.world, n, 100, to));
        return (await world.runUntilSettled(Promise.all(outcomes))).filter((outcome) => outcome.startsWith('{')).length;
      };
      expect(await count('s:1')).to.be.within(1_360, 1_520); // 0.9 * 0.8
      expect(asked.length).to.be.within(1_750, 1_850);
      expect(await count('s:2')).to.equal(2_000);
      network.unreliable(false);
      expect(await count('s:1')).to.equal(2_000);
    });
  });

  describe('with faults on command', () => {
    it('cuts both ways, what is under way included, until it is healed', async () => {
      const { world, network, client, asked } = await twoProcesses();
      const underWay = ask(client.world, 1);
      network.cut('c', 's:1');
      expect(await world.runUntilSettled(underWay)).to.equal('TIMEOUT false');
      expect(world.now).to.equal(100);
      network.heal();
      expect(await world.runUntilSettled(ask(client.world, 2))).to.equal('{"n":2}');
      expect(asked.map(({ n }) => n)).to.deep.equal([2]);
    });

    it('cuts one way: the request arrives, the answer does not', async () => {
      const { world, network, client, asked } = await twoProcesses();
      network.cutOneWay('s', 'c');
      expect(await world.runUntilSettled(ask(client.world, 1))).to.equal('TIMEOUT false');
      expect(asked).to.have.length(1);
    });

    it('tells nobody across a cut that a process died', async () => {
      const { world, network, server, client } = await twoProcesses();
      network.cutOneWay('s', 'c');
      server.crash();
      expect(await world.runUntilSettled(ask(client.world, 1))).to.equal('TIMEOUT false');
      network.heal();
      expect(await world.runUntilSettled(ask(client.world, 2))).to.equal('UNREACHABLE true');
    });

    it('partitions into groups', async () => {
      const { world, network, client } = await twoProcesses();
      const other = world.process('other');
      world.process('outside');
      network.partition([['s', 'other'], ['c']]);
      const outcomes = [client, other, world.process('outside')].map(({ world: own }) => ask(own, 1));
      expect(await world.runUntilSettled(Promise.all(outcomes))).to.deep.equal(['TIMEOUT false', '{"n":1}', '{"n":1}']);
    });

    it('clogs: everything waits, and then comes in order', async () => {
      const { world, network, client, asked } = await twoProcesses();
      const outcomes = [ask(client.world, 1, 1_000)];
      network.clog('c', 's');
      await world.runFor(10);
      outcomes.push(ask(client.world, 2, 1_000));
      await world.runFor(10);
      expect(asked).to.deep.equal([]);
      network.mend('s', 'c');
      outcomes.push(ask(client.world, 3, 1_000));
      expect(await world.runUntilSettled(Promise.all(outcomes))).to.deep.equal(['{"n":1}', '{"n":2}', '{"n":3}']);
      expect(asked.map(({ n }) => n)).to.deep.equal([1, 2, 3]);
    });

    it('resets on command: calls fail at once, what was under way is lost', async () => {
      const { world, network, client, asked } = await twoProcesses();
      const outcome = ask(client.world, 1);
      network.reset('s', 'c');
      expect(await world.runUntilSettled(outcome)).to.equal('CONNECTION_LOST false');
      expect(world.now).to.equal(0);
      await world.runFor(50);
      expect(asked).to.deep.equal([]);
      expect(await world.runUntilSettled(ask(client.world, 2))).to.equal('{"n":2}');
    });
  });

  describe('with an interceptor', () => {
    const replies = (message: Message) => message.kind === 'reply' && message.from === 's';

    it('drops, holds and delays what it wants', async () => {
      const { world, network, client } = await twoProcesses();
      const fates = ['drop', 'hold', { delayMs: 50 }, undefined] as const;
      let next = 0;
      const interceptor = network.intercept((message) => (replies(message) ? fates[next++] : undefined));
      const outcomes = fates.map((_, n) => ask(client.world, n, 1_000));
      const at: number[] = [];
      for (const [n, outcome] of outcomes.entries()) void outcome.then(() => (at[n] = world.now));
      await world.runFor(200);
      expect(interceptor.held.map(({ text }) => text)).to.deep.equal(['{"result":{"n":1}}']);
      interceptor.release();
      expect(await world.runUntilSettled(Promise.all(outcomes))).to.deep.equal([
        'TIMEOUT false',
        '{"n":1}',
        '{"n":2}',
        '{"n":3}',
      ]);
      expect(at[0]).to.equal(1_000);
      expect(at[1]).to.be.within(200, 202);
      expect(at[2]).to.be.within(50, 52);
      expect(at[3]).to.be.below(2);
    });

    it('duplicates and resets what it wants, until it is removed', async () => {
      const { world, network, client, asked } = await twoProcesses();
      const duplicating = network.intercept(({ kind }) => (kind === 'request' ? 'duplicate' : undefined));
      expect(await world.runUntilSettled(ask(client.world, 1))).to.equal('{"n":1}');
      await world.runFor(10);
      expect(asked).to.have.length(2);
      duplicating.remove();
      network.intercept((message) => (replies(message) ? 'reset' : undefined));
      expect(await world.runUntilSettled(ask(client.world, 2))).to.equal('CONNECTION_LOST false');
      expect(asked).to.have.length(3);
      network.calm();
      expect(await world.runUntilSettled(ask(client.world, 3))).to.equal('{"n":3}');
    });

    it('may kill the process that sends: what it lets through still arrives', async () => {
      const { world, network, server, client } = await twoProcesses();
      network.intercept((message) => {
        if (replies(message)) server.crash();
        return undefined;
      });
      expect(await world.runUntilSettled(ask(client.world, 1))).to.equal('{"n":1}');
      expect(server.alive).to.equal(false);
    });

    it('sees what is taken back in its turn, which never arrives', async () => {
      const { world, network, client, asked } = await twoProcesses();
      const seen: string[] = [];
      network.intercept(({ text }) => void seen.push(text));
      const outcome = ask(client.world, 1);
      await client.world.transport.close();
      expect(await world.runUntilSettled(outcome)).to.equal('CLOSED true');
      await world.runFor(10);
      expect([seen, asked]).to.deep.equal([['{"n":1}'], []]);
      expect(network.trace.entries.at(-1)?.fate).to.equal('withdrawn');
    });
  });

  describe('its trace', () => {
    it('tells what became of every message', async () => {
      const { world, network, client } = await twoProcesses();
      await world.runUntilSettled(ask(client.world, 1));
      const told = network.trace.entries.map(
        ({ fate, message }) => `${fate} ${message.kind} ${message.from}>${message.to}`,
      );
      expect(told).to.deep.equal([
        'sent request c>s',
        'delivered request c>s',
        'sent reply s>c',
        'delivered reply s>c',
      ]);
      expect(network.trace.lines(4)[0]).to.match(/^0\.000 sent c > s #1 request echo {"n":1}$/);
    });

    it('keeps the newest, in bounded memory', async () => {
      const { world, network, client } = await twoProcesses();
      for (let n = 0; n < 5_000; n++) await world.runUntilSettled(ask(client.world, n));
      const { entries } = network.trace;
      expect(entries).to.have.length(5_000);
      expect(entries.at(-1)?.message.text).to.equal('{"result":{"n":4999}}');
    });

    it('keeps as few as it is told, and has the same digest', async () => {
      const digests = [];
      for (const traceEntries of [5_000, 3]) {
        const world = new SimulatedWorld({ seed: 1, traceEntries });
        const { transport } = world.process('s').world;
        await transport.listen({ address: 's:1', methods: { echo: (params, reply) => reply.result(params) } });
        for (let n = 0; n < 10; n++) await world.runUntilSettled(ask(world.process('c').world, n));
        expect(world.network.trace.entries).to.have.length(Math.min(traceEntries, 40));
        digests.push(world.digest);
      }
      expect(digests[0]).to.equal(digests[1]);
    });
  });
});

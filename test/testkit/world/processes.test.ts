/** Processes of a simulated world: stopped, slowed down, killed, started again. */
import type { UnderstudyError, World } from '@understudy/rpc';
import { SimulatedWorld } from '@understudy/testkit';
import { expect } from 'chai';

/** Answers at once, and notes what it was asked. */
async function listen(world: World, address: string, asked: unknown[] = []): Promise<void> {
  const echo = (params: object, reply: { result(value: object): void }) => {
    asked.push(params);
    reply.result(params);
  };
  await world.transport.listen({ address, methods: { echo } });
}

function ask(world: World, address: string, n: number, timeoutMs = 1_000): Promise<unknown> {
  return world.transport.call(address, 'echo', { n }, { timeoutMs }).catch((error: UnderstudyError) => error.name);
}

describe('a simulated process', () => {
  it('that is paused does nothing while its clock runs on, and then everything', async () => {
    const world = new SimulatedWorld({ seed: 1 });
    const [server, client] = [world.process('s'), world.process('c')];
    const asked: unknown[] = [];
    const fired: number[] = [];
    await listen(server.world, 's:1', asked);
    const { clock } = server.world;
    const start = clock.now();
    clock.after(50, () => fired.push(clock.now() - start));
    server.pause();
    const answers = [ask(client.world, 's:1', 1), ask(client.world, 's:1', 2)];
    await world.runFor(200);
    expect([asked, fired]).to.deep.equal([[], []]);
    server.resume();
    expect(await world.runUntilSettled(Promise.all(answers))).to.deep.equal([{ n: 1 }, { n: 2 }]);
    expect(fired).to.deep.equal([200]);
  });

  it('looks at its timers first or at its messages first when it goes on, as the seed wants it', async () => {
    const firsts = new Set<string>();
    for (let seed = 0; seed < 20; seed++) {
      const world = new SimulatedWorld({ seed });
      const [server, client] = [world.process('s'), world.process('c')];
      const log: string[] = [];
      await server.world.transport.listen({ address: 's:1', methods: { note: () => log.push('message') } });
      server.pause();
      server.world.clock.after(5, () => log.push('timer'));
      client.world.transport.call('s:1', 'note', {}, { timeoutMs: 100 }).catch(() => {});
      await world.runFor(10);
      server.resume();
      await world.runFor(1);
      expect(log.toSorted()).to.deep.equal(['message', 'timer']);
      firsts.add(log[0] as string);
    }
    expect([...firsts].sort()).to.deep.equal(['message', 'timer']);
  });

  it('keeps the order of messages over a pause, those included that come while it catches up', async () => {
    const world = new SimulatedWorld({ seed: 5 });
    const [server, client] = [world.process('s'), world.process('c')];
    const asked: unknown[] = [];
    await listen(server.world, 's:1', asked);
    server.slowDown(1);
    const sent: object[] = [];
    for (let n = 0; n < 100; n++) {
      sent.push({ n });
      void ask(client.world, 's:1', n);
      if (n === 20) server.pause();
      if (n === 60) server.resume();
      await world.runFor(0.5);
    }
    await world.runFor(200);
    expect(asked).to.deep.equal(sent);
  });

  it('fires no timer that something cancelled while it caught up', async () => {
    for (let seed = 0; seed < 10; seed++) {
      const world = new SimulatedWorld({ seed });
      const process = world.process('p');
      const { clock } = process.world;
      const log: string[] = [];
      clock.after(10, () => {
        log.push('first');
        second.cancel();
      });
      const second = clock.after(20, () => log.push('second'));
      process.pause();
      await world.runFor(30);
      process.resume();
      await world.runFor(30);
      expect(log).to.deep.equal(['first']);
    }
  });

  it('that is stalled goes on by itself, unless somebody paused it meanwhile', async () => {
    const world = new SimulatedWorld({ seed: 1 });
    const process = world.process('p');
    const fired: number[] = [];
    process.world.clock.after(10, () => fired.push(world.now));
    process.stall(100);
    await world.runFor(50);
    process.pause();
    await world.runFor(100);
    expect(fired).to.deep.equal([]);
    process.resume();
    await world.runFor(1);
    expect(fired).to.deep.equal([150]);
  });

  it('sends nothing while it is paused', async () => {
    const world = new SimulatedWorld({ seed: 1 });
    const [server, client] = [world.process('s'), world.process('c')];
    const asked: unknown[] = [];
    await listen(server.world, 's:1', asked);
    client.pause();
    const answer = ask(client.world, 's:1', 1);
    await world.runFor(50);
    expect(asked).to.deep.equal([]);
    client.resume();
    expect(await world.runUntilSettled(answer)).to.deep.equal({ n: 1 });
  });

  it('that is slow takes its time for every turn', async () => {
    const world = new SimulatedWorld({ seed: 1 });
    const process = world.process('p');
    process.slowDown(10);
    const fired: number[] = [];
    for (const delay of [1, 2, 3]) process.world.clock.after(delay, () => fired.push(world.now));
    await world.runFor(100);
    expect(fired).to.deep.equal([1, 11, 21]);
  });

  it('that crashes is gone: timers, ends of turns, promises, listeners', async () => {
    const world = new SimulatedWorld({ seed: 1 });
    const [server, client] = [world.process('s'), world.process('c')];
    const log: string[] = [];
    await listen(server.world, 's:1');
    await listen(client.world, 'c:1');
    const { clock, transport } = server.world;
    clock.after(10, () => log.push('timer'));
    clock.endOfTurn(() => log.push('end of turn'));
    transport.call('c:1', 'echo', {}, { timeoutMs: 20 }).finally(() => log.push('promise'));
    server.crash();
    clock.after(10, () => log.push('timer of a dead'));
    transport.call('c:1', 'echo', {}, { timeoutMs: 20 }).finally(() => log.push('promise of a dead'));
    const { timers, listeners } = server.leftovers;
    await world.runFor(100);
    expect(log).to.deep.equal([]);
    expect([server.alive, timers, listeners]).to.deep.equal([false, 0, []]);
    expect(await world.runUntilSettled(ask(client.world, 's:1', 1))).to.equal('UNREACHABLE');
    expect(await world.runUntilSettled(ask(client.world, 'c:1', 1))).to.deep.equal({ n: 1 });
  });

  it('leaves those who called it with a lost connection, but what it had sent arrives', async () => {
    const world = new SimulatedWorld({ seed: 1 });
    const [server, client] = [world.process('s'), world.process('c')];
    const methods = {
      answer: (_: object, reply: { result(value: object): void }) => {
        reply.result({ answered: true });
        server.crash();
      },
      hang: () => {},
    };
    await server.world.transport.listen({ address: 's:1', methods });
    const call = (method: string) =>
      client.world.transport
        .call('s:1', method, {}, { timeoutMs: 1_000 })
        .catch((error: UnderstudyError) => error.name);
    const outcomes = world.runUntilSettled(Promise.all([call('hang'), call('answer'), call('hang')]));
    expect(await outcomes).to.deep.equal(['CONNECTION_LOST', { answered: true }, 'CONNECTION_LOST']);
    expect(world.now).to.be.below(10);
  });

  it('starts again on its machine with nothing of the former run', async () => {
    const world = new SimulatedWorld({ seed: 1 });
    const [server, client] = [world.process('s'), world.process('c')];
    const asked: string[] = [];
    const listenAs = (own: World, name: string) =>
      own.transport.listen({ address: 's:1', methods: { echo: (_, reply) => (asked.push(name), reply.result({})) } });
    await listenAs(server.world, 'first run');
    const outcome = ask(client.world, 's:1', 1);
    const second = server.restart();
    await listenAs(second, 'second run');
    expect(server.world).to.equal(second);
    expect(await world.runUntilSettled(outcome)).to.equal('CONNECTION_LOST');
    await world.runUntilSettled(ask(client.world, 's:1', 2));
    expect(asked).to.deep.equal(['second run']);
  });
});

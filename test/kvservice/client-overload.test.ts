import type { KVClient, KVClientOptions } from '@understudy/kvservice';
import type { UnderstudyError } from '@understudy/rpc';
import { expect } from 'chai';
import { CongestionWindow } from '../../packages/kvservice/src/client/congestion-window.ts';
import { PENDING, PER_MS, SlowServer } from './slow-server.ts';

/** What the server takes when it is full. */
const FULL_MS = PENDING / PER_MS;
/** Until a line that stands passes for no burst any more, and what that let in is done. */
const BURST_OVER_MS = 1_000;

interface Load {
  /** Over what the server can do. */
  readonly factor: number;
  readonly clients: number;
  readonly ms: number;
}

interface Outcome {
  /** Milliseconds that each took. */
  readonly accepted: readonly number[];
  /** Of those, what began when the first burst was over. */
  readonly later: readonly number[];
  readonly refused: readonly number[];
  readonly mostUnderWay: number;
}

/** An open loop: so many puts a millisecond, whatever becomes of them. */
async function offer(server: SlowServer, { factor, clients, ms }: Load): Promise<Outcome> {
  const { world } = server;
  const kvs = Array.from({ length: clients }, () => server.client({ maxInFlight: PENDING / 2 }));
  const startMs = world.now;
  const accepted: number[] = [];
  const later: number[] = [];
  const refused: number[] = [];
  let underWay = 0;
  let mostUnderWay = 0;
  const put = async (kv: KVClient): Promise<void> => {
    const beganMs = world.now;
    underWay += 1;
    try {
      await kv.put('k', 'v');
      accepted.push(world.now - beganMs);
      if (beganMs - startMs > BURST_OVER_MS) later.push(world.now - beganMs);
    } catch (error) {
      const { name, definite } = error as UnderstudyError;
      expect([name, definite]).to.deep.equal(['OVERLOADED', true]);
      refused.push(world.now - beganMs);
    }
    underWay -= 1;
  };
  const all: Promise<void>[] = [];
  for (let elapsedMs = 1; elapsedMs <= ms; elapsedMs += 1) {
    while (all.length < factor * PER_MS * elapsedMs) all.push(put(kvs[all.length % clients] as KVClient));
    mostUnderWay = Math.max(mostUnderWay, underWay);
    await world.runFor(1);
  }
  await Promise.all(all);
  for (const kv of kvs) await kv.close();
  return { accepted, later, refused, mostUnderWay };
}

function p99Of(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(0.99 * values.length)] ?? 0;
}

async function withServer(body: (server: SlowServer) => Promise<void>): Promise<void> {
  const server = new SlowServer();
  await server.world.run(
    async () => {
      await server.start();
      await body(server);
    },
    { limitMs: 60_000 },
  );
}

describe('client: overload', () => {
  it('below capacity nothing is refused and nothing waits', () =>
    withServer(async (server) => {
      const { accepted, refused } = await offer(server, { factor: 0.9, clients: 4, ms: 300 });
      expect(refused).to.have.length(0);
      expect(p99Of(accepted)).to.be.below(10);
    }));

  for (const [clients, factor] of [
    [1, 3],
    [4, 1.5],
    [8, 3],
  ] as const)
    it(`${factor} times the capacity, by ${clients}: as much as ever is done, in bounded time, and the rest is refused at once`, () =>
      withServer(async (server) => {
        const ms = 2_000;
        const { accepted, later, refused, mostUnderWay } = await offer(server, { factor, clients, ms });
        expect(accepted.length).to.be.at.least(0.95 * PER_MS * ms);
        expect(refused.length).to.equal(Math.ceil(factor * PER_MS * ms) - accepted.length);
        expect(p99Of(later)).to.be.below(4 * FULL_MS);
        expect(p99Of(accepted)).to.be.below(1.1 * clients * FULL_MS);
        expect(Math.max(...refused)).to.equal(0);
        expect(mostUnderWay).to.be.below(1.1 * clients * PENDING);
        expect(server.refused, 'by the server, which costs it something').to.be.below(0.1 * accepted.length);
      }));

  it('a burst that is over soon is let in, though answers were slow before: twice what may be at the servers at best', () =>
    withServer(async (server) => {
      const kv = server.client({ maxInFlight: 200, tryTimeout: 60 });
      await Promise.all(Array.from({ length: 200 }, () => kv.put('k', 'v'))); // takes more than half of that: congestion
      const burst: Promise<unknown>[] = [];
      for (let ms = 0; ms < 60; ms += 1) {
        for (let count = 0; count < 10; count += 1) burst.push(kv.put('k', 'v'));
        await server.world.runFor(1);
      }
      await Promise.all(burst);
      await kv.close();
    }));

  it('one turn may start any number of operations: they wait, in order', () =>
    withServer(async (server) => {
      const kv = server.client({ maxInFlight: PENDING });
      const revisions = await Promise.all(Array.from({ length: 5_000 }, () => kv.put('k', 'v')));
      expect(revisions.map(({ revision }) => revision)).to.deep.equal(revisions.map((_, at) => at + 1));
      await kv.close();
    }));

  it('maxWaiting: where so many wait the next turn is refused, and Infinity refuses nothing', () =>
    withServer(async (server) => {
      const outcomes = async (options: Partial<KVClientOptions>): Promise<number> => {
        const kv = server.client({ maxInFlight: 10, ...options });
        await kv.put('k', 'v');
        let refused = 0;
        const all: Promise<unknown>[] = [];
        for (let turn = 0; turn < 10; turn += 1) {
          for (let count = 0; count < 40; count += 1) all.push(kv.put('k', 'v').catch(() => (refused += 1)));
          await server.world.runFor(0);
        }
        await Promise.all(all);
        await kv.close();
        return refused;
      };
      expect(await outcomes({ maxWaiting: 60 })).to.equal(320);
      expect(await outcomes({})).to.equal(360);
      expect(await outcomes({ maxWaiting: Infinity })).to.equal(0);
    }));

  it('who has less than half of maxInFlight under way is never refused, however busy others keep the server', () =>
    withServer(async (server) => {
      const kv = server.client({ maxInFlight: 100 });
      const flood = offer(server, { factor: 3, clients: 4, ms: 300 });
      let answers = 0;
      const call = async (): Promise<void> => {
        for (let round = 0; round < 3; round += 1) {
          await kv.put('k', 'v');
          answers += 1;
        }
      };
      await Promise.all(Array.from({ length: 50 }, call));
      expect(answers).to.equal(150);
      expect((await flood).refused).not.to.have.length(0);
      await kv.close();
    }));

  it('answers that take half of the time for a try are congestion already', () =>
    withServer(async (server) => {
      const kv = server.client({ maxInFlight: 400, tryTimeout: 120 });
      await kv.put('k', 'v');
      const many = () => Array.from({ length: 400 }, () => kv.put('k', 'v'));
      for (const atOnce of [400, 200, 200]) {
        const puts = many();
        await server.world.runFor(2);
        expect(server.pending).to.be.within(atOnce - 20, atOnce);
        await Promise.all(puts);
      }
      await kv.close();
    }));

  it('what a server that hangs leaves without an answer is congestion too, and passes', () =>
    withServer(async (server) => {
      const kv = server.client({ maxInFlight: 100 });
      await kv.put('k', 'v');
      server.isHanging = true;
      const stuck = Array.from({ length: 200 }, () => kv.put('k', 'v'));
      await server.world.runFor(700);
      expect(server.done).to.equal(1);
      server.isHanging = false;
      await Promise.all(stuck);
      expect(server.done).to.equal(201);
      await kv.close();
    }));
});

describe('client: the congestion window', () => {
  it('halves once for all that left together, however many of them are refused, down to a few', () => {
    const window = new CongestionWindow(1_000);
    const { flight } = window;
    for (let refused = 0; refused < 100; refused += 1) window.congested(flight);
    expect(window.size).to.equal(500);
    for (let sign = 0; sign < 20; sign += 1) window.congested(window.flight);
    expect(window.size).to.equal(16);
  });

  it('grows by a few with every window of answers, and never beyond its most', () => {
    const window = new CongestionWindow(110);
    window.congested(window.flight);
    expect(window.size).to.equal(55);
    for (let answers = 0; answers < 55; answers += 1) window.answered();
    expect(window.size).to.be.within(58.5, 59);
    for (let answers = 0; answers < 5_000; answers += 1) window.answered();
    expect(window.size).to.equal(110);
  });

  it('may be smaller than its usual least', () => {
    const window = new CongestionWindow(4);
    window.congested(window.flight);
    expect(window.size).to.equal(4);
  });
});

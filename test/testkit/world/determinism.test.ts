/** The same seed gives the same run (D2), and nothing but the seed decides. */
import vm from 'node:vm';
import { RealClock, UnderstudyError } from '@understudy/rpc';
import { guardGlobals, SeededRandom, SimulatedWorld } from '@understudy/testkit';
import { expect } from 'chai';

/** Some processes that talk at random over a bad network, with crashes and pauses. */
async function turmoil(seed: number | string): Promise<{ readonly digest: string; readonly log: readonly string[] }> {
  const world = new SimulatedWorld({ seed });
  const names = ['a', 'b', 'c'];
  const log: string[] = [];
  const start = async (name: string) => {
    const { clock, transport, random } = world.process(name).world;
    const echo = (params: object, reply: { result(value: object): void }) => reply.result(params);
    await transport.listen({ address: `${name}:1`, methods: { echo } });
    const talk = async () => {
      const to = `${names[Math.floor(random.number() * 3)]}:1`;
      const outcome = await transport
        .call(to, 'echo', { from: name, text: [...random.bytes(4)] }, { timeoutMs: 30 })
        .then(JSON.stringify, (error: UnderstudyError) => error.name);
      log.push(`${clock.now()} ${name} ${to} ${outcome}`);
      clock.after(random.number() * 10, talk);
    };
    void talk();
  };
  for (const name of names) await start(name);
  world.network.configure({ drop: 0.05, duplicate: 0.05, reorder: 0.1, straggle: 0.01, reset: 0.02 });
  for (let round = 0; round < 20; round++) {
    const process = world.process(world.random.pick(names));
    if (world.random.chance(0.5)) process.stall(world.random.integer(1, 50));
    else {
      process.restart();
      await start(process.name);
    }
    await world.runFor(100);
  }
  return { digest: world.digest, log };
}

describe('determinism', () => {
  it('gives the same run for the same seed, with real delays in between', async () => {
    const first = await turmoil(7);
    await new Promise((resolve) => setImmediate(resolve));
    const second = await turmoil(7);
    expect(second).to.deep.equal(first);
    expect(first.log.length).to.be.above(500);
    const outcomes = first.log.map((line) => line.split(' ')[3]?.replace(/^{.*/, 'answer'));
    expect([...new Set(outcomes)].sort()).to.deep.equal(['CONNECTION_LOST', 'TIMEOUT', 'UNREACHABLE', 'answer']);
  });

  it('gives other runs for other seeds', async () => {
    const digests = new Set<string>();
    for (let seed = 0; seed < 10; seed++) digests.add((await turmoil(seed)).digest);
    expect(digests.size).to.equal(10);
  });

  it('draws the same from a stream whatever the others draw', () => {
    const draw = (random: SeededRandom) => Array.from({ length: 5 }, () => random.number());
    const one = new SeededRandom(1);
    const other = new SeededRandom(1);
    draw(other.stream('b'));
    expect(draw(other.stream('a'))).to.deep.equal(draw(one.stream('a')));
    expect(draw(one.stream('b'))).not.to.deep.equal(draw(one.stream('a')));
  });

  it('draws from all of the choices, and nothing else', () => {
    const random = new SeededRandom('choices');
    const drawn = Array.from({ length: 1_000 }, () => random.integer(1, 3));
    expect([...new Set(drawn)].sort()).to.deep.equal([1, 2, 3]);
    expect(random.shuffle([1, 2, 3, 4]).toSorted()).to.deep.equal([1, 2, 3, 4]);
    expect(Array.from({ length: 100 }, () => random.chance(0)).includes(true)).to.equal(false);
    expect(Array.from({ length: 100 }, () => random.chance(1)).includes(false)).to.equal(false);
    const mean = Array.from({ length: 20_000 }, () => random.exponential(10)).reduce((a, b) => a + b) / 20_000;
    expect(mean).to.be.within(9.5, 10.5);
    expect(() => random.pick([])).to.throw(RangeError);
  });
});

describe('the guard of the globals', () => {
  /** Runs `code` as if it stood in a file of the packages. */
  const inPackages = (code: string): unknown =>
    vm.runInThisContext(`(() => (${code}))()`, { filename: '/somewhere/packages/kvservice/src/offender.ts' });

  const OFFENCES = [
    'Date.now()',
    'new Date()',
    'Date()',
    'performance.now()',
    'setTimeout(() => {}, 0)',
    'setInterval(() => {}, 1000)',
    'setImmediate(() => {})',
    'process.nextTick(() => {})',
    'process.hrtime()',
    'process.hrtime.bigint()',
    'Math.random()',
    'crypto.randomUUID()',
    'crypto.getRandomValues(new Uint8Array(1))',
    'AbortSignal.timeout(1000)',
    'process.getBuiltinModule("node:crypto").randomBytes(1)',
    'process.getBuiltinModule("node:timers").setTimeout(() => {}, 0)',
    'process.getBuiltinModule("node:timers/promises").setTimeout(0)',
  ];

  for (const offence of OFFENCES) {
    it(`catches ${offence} in the packages`, () => {
      const guard = guardGlobals();
      try {
        expect(() => inPackages(offence)).to.throw('not from the world (D1)');
        expect(guard.violations).to.have.length(1);
        expect(guard.violations[0]).to.contain('offender.ts');
      } finally {
        expect(() => guard.release()).to.throw('not from the world (D1)');
      }
      expect(() => guard.release()).not.to.throw('a second time');
    });
  }

  it('catches it even where the code under test swallows the error', () => {
    const guard = guardGlobals();
    vm.runInThisContext('try { Math.random() } catch {}', { filename: '/x/packages/rpc/dist/offender.js' });
    expect(() => guard.release()).to.throw('Math.random');
  });

  it('catches a real clock that found its way into the run', () => {
    const guard = guardGlobals();
    expect(() => new RealClock().now()).to.throw('performance.now');
    expect(() => guard.release()).to.throw('real-clock.ts');
  });

  it('leaves tests and harmless uses alone, and gives everything back', () => {
    const before = [Date, Date.now, setTimeout, Math.random, process.nextTick];
    {
      using guard = guardGlobals();
      expect(Date.now()).to.be.above(0);
      expect(Math.random()).to.be.below(1);
      expect(inPackages('new Date(0).toISOString()')).to.equal('1970-01-01T00:00:00.000Z');
      expect(inPackages('new Date(0) instanceof Date')).to.equal(true);
      expect(guard.violations).to.deep.equal([]);
    }
    expect([Date, Date.now, setTimeout, Math.random, process.nextTick]).to.deep.equal(before);
  });

  it('changes nothing but the values, so that reading `Math` stays as quick as it was', () => {
    const attributesOf = () => {
      const { value: _, ...attributes } = Object.getOwnPropertyDescriptor(Math, 'random') ?? {};
      return attributes;
    };
    const before = attributesOf();
    using _guard = guardGlobals();
    expect(attributesOf()).to.deep.equal(before);
  });

  it('is not touched by the world itself', async () => {
    using guard = guardGlobals();
    await turmoil(3);
    expect(guard.violations).to.deep.equal([]);
  });
});

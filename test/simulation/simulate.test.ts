/** What `simulate()` does and tells, apart from what it finds. */
import {
  DISK_FAULTS,
  FAULT_CLASSES,
  SeededRandom,
  SITUATIONS,
  type SimulationOptions,
  simulate,
  type TraceEvent,
} from '@understudy/testkit';
import { expect } from 'chai';
import { drawFaults } from '../../packages/testkit/src/faults/swarm.ts';
import { drawTheme, needsDisk, THEMES, type Theme } from '../../packages/testkit/src/faults/themes.ts';
import { drawProfile } from '../../packages/testkit/src/simulation/profile.ts';

/** Everybody adds to one counter, by compare-and-swap. */
const COUNTER: NonNullable<SimulationOptions['client']> = async (kv, { sleep, random }) => {
  for (let added = 0; added < 5; ) {
    const value = await kv.get('counter');
    if (await kv.cas('counter', value, String(Number(value ?? 0) + 1))) added++;
    await sleep(random.number() * 500);
  }
};

describe('simulate()', () => {
  it('runs a cluster without faults: no violation, nothing struck, clients served', async () => {
    const { violations, faults, operations, events, halted } = await simulate({ seed: 1, seconds: 8, faults: 'none' });
    expect(violations).to.deep.equal([]);
    expect(faults).to.deep.equal({});
    expect(operations).to.be.greaterThan(30);
    expect(events).to.be.greaterThan(operations);
    expect(halted).to.equal('');
  });

  it('draws faults from the seed: some seeds have none, some one, most several, and every class is drawn', () => {
    const drawn = Array.from({ length: 1_000 }, (_, seed) =>
      drawFaults(new SeededRandom(seed), { wanted: 'all', hasDisk: true, theme: undefined }),
    );
    const counts = drawn.map(({ length }) => length);
    expect(counts.filter((count) => count === 0)).to.have.length.within(60, 140);
    expect(counts.filter((count) => count === 1)).to.have.length.within(60, 140);
    expect(Math.max(...counts)).to.be.greaterThan(10);
    expect(new Set(drawn.flat().map(({ fault }) => fault))).to.have.all.keys(...FAULT_CLASSES);
    const disk: readonly string[] = DISK_FAULTS;
    const without = drawFaults(new SeededRandom(1), { wanted: 'all', hasDisk: false, theme: undefined }).map(
      ({ fault }) => fault,
    );
    expect(without.filter((fault) => disk.includes(fault))).to.deep.equal([]);
  });

  it('draws a theme for some seeds: its faults come in addition, strong, and shift no other draw', () => {
    const themes = Array.from({ length: 500 }, (_, seed) => drawTheme(new SeededRandom(seed), undefined));
    expect(themes.filter((theme) => theme !== undefined)).to.have.length.within(150, 250);
    expect(new Set(themes)).to.have.property('size', THEMES.length + 1);
    for (const theme of THEMES) {
      // A seed that draws several classes.
      const draw = (of: Theme | undefined) =>
        drawFaults(new SeededRandom(5), { wanted: 'all', hasDisk: true, theme: of });
      const themed = new Map(draw(theme).map(({ fault, strength }) => [fault, strength]));
      const brought = [...theme.faults, ...(theme.diskFaults ?? [])];
      const others = draw(undefined).filter(({ fault }) => !brought.includes(fault));
      expect(others.length).to.be.greaterThan(1);
      for (const { fault, strength } of others) expect(themed.get(fault), fault).to.equal(strength);
      for (const fault of brought) expect(themed.get(fault), `${theme.name} ${fault}`).to.be.at.least(0.3);
    }
  });

  it('draws no theme of disks where there are none, and has disks where a theme needs them', () => {
    const without = Array.from({ length: 500 }, (_, seed) => drawTheme(new SeededRandom(seed), false));
    expect(without.filter((theme) => theme !== undefined && needsDisk(theme))).to.deep.equal([]);
    const theme = THEMES.find(needsDisk);
    const given = {
      shape: 'usual' as const,
      servers: undefined,
      backups: undefined,
      clients: 5,
      hasDisk: undefined,
      hasLittleMemory: undefined,
      theme,
    };
    for (let seed = 0; seed < 20; seed++) expect(drawProfile(new SeededRandom(seed), given).hasDisk).to.equal(true);
  });

  it('little memory gets full where it is asked for, and nowhere else', async () => {
    const refused = async (littleMemory: boolean) => {
      const { coverage, violations } = await simulate({ seed: 2, seconds: 8, faults: 'none', littleMemory });
      expect(violations).to.deep.equal([]);
      return coverage['writes refused for room'] ?? 0;
    };
    expect(await refused(true)).to.be.greaterThan(0);
    expect(await refused(false)).to.equal(0);
  });

  for (const fault of FAULT_CLASSES) {
    it(`${fault} strikes, and breaks nothing`, async () => {
      let struck = 0;
      for (let seed = 1; struck === 0 && seed <= 5; seed++) {
        const { faults, violations } = await simulate({ seed: `${fault} ${seed}`, seconds: 30, faults: [fault] });
        expect(violations).to.deep.equal([]);
        struck = faults[fault] ?? 0;
      }
      expect(struck).to.be.greaterThan(0);
    });
  }

  it('a list of faults: these and no others', async () => {
    const { faults, violations } = await simulate({ seed: 5, seconds: 20, faults: ['crash', 'partition'] });
    expect(violations).to.deep.equal([]);
    expect(Object.keys(faults)).to.have.members(['crash', 'partition']);
  });

  it('tells everything that happens, in order, without changing it', async () => {
    const told: TraceEvent[] = [];
    const options = { seed: 3, seconds: 8, faults: ['crash', 'drop'] } as const;
    const { digest } = await simulate({ ...options, onEvent: (event) => told.push(event) });
    expect((await simulate(options)).digest).to.equal(digest);
    const kinds = new Set(told.map(({ kind }) => kind));
    const wanted = [
      'start',
      'sent',
      'received',
      'lost',
      'view',
      'acknowledged',
      'process',
      'role',
      'commit',
      'log',
      'notice',
      'fault',
      'fault-over',
      'healed',
      'operation',
      'end',
    ];
    expect([...kinds]).to.have.members(wanted);
    expect(told[0]).to.deep.include({ at: 0, kind: 'start', servers: ['a', 'b', 'c'] });
    expect(told.at(-1)?.kind).to.equal('end');
    for (const [place, { at }] of told.entries()) expect(at).to.be.at.least(told[place - 1]?.at ?? 0);
    expect(JSON.parse(JSON.stringify(told))).to.deep.equal(told);
  });

  it('tells every read that the histories have: of an absent key, and all that a scan saw', async () => {
    const outcomes = new Map<string, string[]>();
    const onEvent = (event: TraceEvent) => {
      if (event.kind === 'operation') outcomes.set(event.op, [...(outcomes.get(event.op) ?? []), event.outcome]);
    };
    for (const seed of [3, 4, 5, 6]) await simulate({ seed, seconds: 12, faults: 'none', onEvent });
    // A put without a session is not tried again: one that was refused is told as nothing.
    expect(outcomes.get('put')).to.include('"done"');
    expect([...new Set(outcomes.get('put'))].filter((told) => told !== 'nothing')).to.deep.equal(['"done"']);
    expect(outcomes.get('get')).to.include('null');
    expect(outcomes.get('get')).not.to.include('"done"');
    const seen = (outcomes.get('scan') ?? []).map((outcome) => Object.values(JSON.parse(outcome)));
    expect(seen.flat()).to.include(null);
    expect(seen.flat().filter((value) => typeof value === 'string')).not.to.be.empty;
  });

  it('counts every situation that a batch should see', async () => {
    const { coverage } = await simulate({ seed: 1, seconds: 4, faults: 'none' });
    expect(Object.keys(coverage)).to.deep.equal([...SITUATIONS]);
  });

  describe('with code of your own', () => {
    it('runs it in each client, and then the check', async () => {
      const names: string[] = [];
      let counted: string | undefined;
      const { violations } = await simulate({
        seed: 7,
        seconds: 20,
        clients: 3,
        faults: ['crash', 'drop', 'lost-reply'],
        client: async (kv, context) => {
          names.push(context.name);
          await COUNTER(kv, context);
        },
        check: async (kv) => {
          counted = await kv.get('counter');
        },
      });
      expect(violations).to.deep.equal([]);
      expect(names).to.have.members(['c1', 'c2', 'c3']);
      expect(counted).to.equal('15');
    });

    it('what it throws is a violation, with the place where it was thrown', async () => {
      const { violations } = await simulate({
        seed: 7,
        seconds: 8,
        client: async (kv) => {
          await kv.put('k', 'v');
          throw new Error('the invoice is wrong');
        },
      });
      expect(violations).to.have.lengthOf(1);
      expect(violations[0]?.message).to.match(/^c\d: Error: the invoice is wrong\n +at .*simulate\.test\.ts/);
    });

    it('what its check throws is a violation too', async () => {
      const check = async () => expect.fail('too few');
      const { violations } = await simulate({ seed: 7, seconds: 8, clients: 1, client: async () => {}, check });
      expect(violations.map(({ message }) => message.split('\n')[0])).to.deep.equal(['check: AssertionError: too few']);
    });

    it('what it does is never laid to the service', async () => {
      const client = async () => Promise.reject(new Error('mine'));
      const { violations } = await simulate({ seed: 7, seconds: 8, clients: 1, client });
      expect(violations[0]).to.include({ property: 'the code under simulation does not fail', rules: '' });
    });

    it('a check runs behind the built-in clients too', async () => {
      const check = async () => expect.fail('too few');
      const { violations, operations } = await simulate({ seed: 7, seconds: 8, clients: 1, faults: 'none', check });
      expect(violations.map(({ message }) => message.split('\n')[0])).to.deep.equal(['check: AssertionError: too few']);
      expect(operations).to.be.greaterThan(0);
      const { digest } = await simulate({ seed: 7, seconds: 8, clients: 1, faults: 'none' });
      expect(digest, 'and is not there where none is given').to.equal(
        (await simulate({ seed: 7, seconds: 8, clients: 1, faults: 'none', check: undefined })).digest,
      );
    });

    it('that never ends is a violation', async () => {
      const client = () => new Promise<void>(() => {});
      const { violations } = await simulate({ seed: 7, seconds: 8, clients: 1, client });
      expect(violations[0]?.message).to.match(/^c1: not through within 10000 ms/);
    });

    it('may not touch real time: that throws where it is touched', async () => {
      const { violations } = await simulate({
        seed: 7,
        seconds: 8,
        clients: 1,
        client: async () => {
          Date.now();
        },
      });
      expect(violations.map(({ rules }) => rules)).to.include('D1');
      expect(violations[0]?.message).to.match(/Date\.now .*simulate\.test\.ts/);
      expect(() => Date.now()).not.to.throw();
    });
  });

  for (const [options, field] of [
    [{ seed: Number.NaN }, 'seed'],
    [{ seed: 1, servers: 0 }, 'servers'],
    [{ seed: 1, servers: 2.5 }, 'servers'],
    [{ seed: 1, backups: -1 }, 'backups'],
    [{ seed: 1, clients: 0 }, 'clients'],
    [{ seed: 1, seconds: 1 }, 'seconds'],
    [{ seed: 1, faults: ['earthquake'] }, 'faults'],
    [{ seed: 1, faults: 'some' }, 'faults'],
    [{ seed: 1, littleMemory: 'yes' }, 'littleMemory'],
    [{ seed: 1, shape: 'round' }, 'shape'],
    [{ seed: 1, shape: 'wide', servers: 5 }, 'shape'],
    [{ seed: 1, shape: 'overload', littleMemory: true }, 'shape'],
    [{ seed: 1, shape: 'overload', client: COUNTER }, 'shape'],
    [{ seed: 1, faults: ['drop', 'disk-full'], disk: false }, 'faults'],
    [{ seed: 1, faults: ['drop', 'abort'], client: COUNTER }, 'faults'],
    [{ seed: 1, client: 5 }, 'client'],
    [{ seed: 1, check: 'k' }, 'check'],
    [{ seed: 1, onEvent: {} }, 'onEvent'],
  ] as const) {
    it(`refuses ${JSON.stringify(options)}, naming ${field}`, async () => {
      const refused = await simulate(options as unknown as SimulationOptions).then(
        () => expect.fail('it ran'),
        (error) => error,
      );
      expect(refused).to.include({ name: 'INVALID_PARAMS' });
      expect(refused.data).to.deep.equal({ field });
      expect(refused.message).to.include(field);
    });
  }

  it('one at a time: a second one in the same thread is refused, and does not disturb the first', async () => {
    const first = simulate({ seed: 1, seconds: 4 });
    const second = await simulate({ seed: 2, seconds: 4 }).then(
      () => expect.fail('it ran'),
      (error) => error,
    );
    expect(second.message).to.match(/another simulation is running/);
    expect((await first).violations).to.deep.equal([]);
  });
});

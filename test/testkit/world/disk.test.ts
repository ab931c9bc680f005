/** The disks of the testkit: what every Disk does, and what goes wrong with one. */
import type { KeyRange, StoredEntry } from '@understudy/rpc';
import { MemoryDisk, type SimulatedDisk, SimulatedWorld } from '@understudy/testkit';
import { expect } from 'chai';
import { diskConformance, entriesOf, failureOf, put, remove } from '../../support/conformance/index.ts';

diskConformance('in memory', () => ({
  disk: new MemoryDisk(),
  directory: 'data',
  advance: async () => {},
  until: (promise) => promise,
  cleanup: async () => {},
}));

diskConformance('simulated', () => {
  const world = new SimulatedWorld({ seed: 1 });
  return {
    disk: world.process('p').world.disk,
    directory: 'data',
    advance: (ms) => world.runFor(ms),
    until: (promise) => world.runUntilSettled(promise),
    cleanup: async () => {},
  };
});

describe('a simulated disk', () => {
  const ALL: KeyRange = { from: '', to: '\u{10ffff}' };

  /** A process with a store that is open. */
  async function start(seed: number | string) {
    const world = new SimulatedWorld({ seed });
    const machine = world.process('p');
    const store = await world.runUntilSettled(machine.world.disk.open('data'));
    const until = <T>(promise: Promise<T>) => world.runUntilSettled(promise);
    const reopen = async () => {
      const again = await until(machine.restart().disk.open('data'));
      return { store: again, entries: await until(entriesOf(again)) };
    };
    return { world, machine, store, until, reopen, disk: machine.disk };
  }

  const keysOf = (entries: readonly StoredEntry[]) => entries.map(([key]) => key).join('');

  /** What `of` says for each of so many seeds, once each. */
  async function outcomes(seeds: number, of: (seed: number) => Promise<string>): Promise<string[]> {
    const seen = new Set<string>();
    for (let seed = 0; seed < seeds; seed++) seen.add(await of(seed));
    return [...seen].sort();
  }

  it('takes its time, 0.2 ms for a write unless it is told otherwise', async () => {
    const { world, store, until, disk } = await start(1);
    const meanOf = async (writes: number) => {
      const before = world.now;
      for (let n = 0; n < writes; n++) await until(store.write([put(`k${n}`)]));
      return (world.now - before) / writes;
    };
    expect(await meanOf(1_000)).to.be.within(0.17, 0.23);
    disk.configure({ writeMs: 50 });
    expect(await meanOf(300)).to.be.within(40, 60);
    disk.calm();
    expect(await meanOf(300)).to.be.below(0.25);
  });

  it('keeps over a crash what had resolved, and of the rest any part, each write whole', async () => {
    const kept = await outcomes(200, async (seed) => {
      const { store, until, machine, reopen } = await start(seed);
      await until(store.write([put('a'), put('b')]));
      for (const key of ['c', 'd', 'e']) void store.write([put(key), put(key.toUpperCase()), remove('b')]);
      machine.crash();
      return keysOf((await reopen()).entries);
    });
    const together = (keys: string) => `${keys.toUpperCase()}a${keys === '' ? 'b' : keys}`;
    expect(kept).to.deep.equal(['', 'c', 'd', 'e', 'cd', 'ce', 'de', 'cde'].map(together).sort());
  });

  it('may bring back over a crash what was cleared, until a later write has resolved', async () => {
    const left = (writeAfter: boolean) =>
      outcomes(60, async (seed) => {
        const { store, until, reopen } = await start(seed);
        await until(store.write([put('a'), put('b'), put('c')]));
        await until(store.clear({ from: 'b', to: 'd' }));
        if (writeAfter) await until(store.write([put('d')]));
        return keysOf((await reopen()).entries);
      });
    expect(await left(false)).to.deep.equal(['a', 'ab', 'abc', 'ac']);
    expect(await left(true)).to.deep.equal(['ad']);
  });

  it('leaves any part of a range that was being cleared at a crash', async () => {
    const left = await outcomes(60, async (seed) => {
      const { store, until, reopen } = await start(seed);
      await until(store.write([put('a'), put('b'), put('c')]));
      void store.clear({ from: 'b', to: 'd' });
      return keysOf((await reopen()).entries);
    });
    expect(left).to.deep.equal(['a', 'ab', 'abc', 'ac']);
  });

  it('never settles what a dead process asked of it', async () => {
    const { world, store, machine } = await start(1);
    const settled: string[] = [];
    const note = (what: string, promise: Promise<unknown>) => {
      const noted = () => settled.push(what);
      promise.then(noted, noted);
    };
    const askAll = (when: string) => {
      note(`write ${when}`, store.write([put('a')]));
      note(`clear ${when}`, store.clear({ from: 'x', to: 'y' }));
      note(`read ${when}`, entriesOf(store));
      note(`open ${when}`, disk.open('other'));
      note(`set aside ${when}`, disk.setAside('other'));
    };
    const { disk } = machine.world;
    askAll('before');
    machine.crash();
    askAll('after');
    note('close', store.close());
    await world.runFor(10_000);
    expect(settled).to.deep.equal([]);
  });

  it('does nothing for a process that is paused, and everything in order when it goes on', async () => {
    const { world, store, machine, until } = await start(1);
    const resolved: string[] = [];
    const write = (key: string) => store.write([put('last', key)]).then(() => resolved.push(key));
    const [one, other] = [write('a'), write('b')];
    machine.pause();
    const third = write('c');
    await world.runFor(1_000);
    expect([resolved, machine.disk.entries('data')]).to.deep.equal([[], [['last', 'b']]]);
    machine.resume();
    await until(Promise.all([one, other, third]));
    expect([resolved, machine.disk.entries('data')]).to.deep.equal([['a', 'b', 'c'], [['last', 'c']]]);
  });

  it('fails a write, which it may have kept, and takes none after that', async () => {
    const kept = await outcomes(100, async (seed) => {
      const { store, until, disk, reopen } = await start(seed);
      await until(store.write([put('a')]));
      disk.failNextWrite();
      const [first, second] = [store.write([put('b'), put('B')]), store.write([put('c')])].map(failureOf);
      expect(await until(first as never)).to.deep.equal(['STORE_FAILED', false]);
      expect(await until(second as never)).to.deep.equal(['STORE_FAILED', false]);
      expect(await until(failureOf(store.write([put('d')])))).to.deep.equal(['STORE_FAILED', true]);
      expect(await until(failureOf(store.clear(ALL)))).to.deep.equal(['STORE_FAILED', true]);
      const { entries, store: again } = await reopen();
      await until(again.write([put('e')]));
      return keysOf(entries);
    });
    expect(kept).to.deep.equal(['Bab', 'Babc', 'a', 'ac']);
  });

  it('is full until it is freed', async () => {
    const { store, until, disk, machine } = await start(1);
    await until(store.write([put('a')]));
    disk.fill();
    expect(await until(failureOf(store.write([put('b')])))).to.deep.equal(['STORE_FAILED', false]);
    const reopening = () => failureOf(machine.restart().disk.open('data'));
    expect(await until(reopening())).to.deep.equal(['STORE_FAILED', false]);
    disk.free();
    expect(await until(reopening())).to.deep.equal(['none', true]);
  });

  it('fails so many writes and portions as it is told to', async () => {
    const failures = await outcomes(40, async (seed) => {
      const { store, until, disk } = await start(seed);
      disk.configure({ writeError: 0.5 });
      return (await until(failureOf(store.write([put('a')]))))[0];
    });
    expect(failures).to.deep.equal(['STORE_FAILED', 'none']);
    const { store, until, disk } = await start(1);
    disk.configure({ readError: 1 });
    expect(await until(failureOf(entriesOf(store)))).to.deep.equal(['STORE_FAILED', false]);
    disk.calm();
    disk.failNextRead();
    expect(await until(failureOf(entriesOf(store)))).to.deep.equal(['STORE_FAILED', false]);
    expect(await until(entriesOf(store))).to.deep.equal([]);
  });

  it('flips a bit of a value, of any or of the one that is asked for', async () => {
    const where = await outcomes(60, async (seed) => {
      const { store, until, disk } = await start(seed);
      const before = new Map([
        ['a', '{"x":1}'],
        ['b', '😀\ud7ff\ue000'],
        ['empty', ''],
      ]);
      await until(store.write([...before].map(([key, value]) => put(key, value))));
      const flipped = disk.flipBit();
      const after = await until(entriesOf(store));
      const changed = after.filter(([key, value]) => before.get(key) !== value);
      expect(changed.map(([key]) => ({ directory: 'data', key }))).to.deep.equal([flipped]);
      for (const [key, value] of after) {
        expect(Buffer.from(value).toString(), 'well-formed').to.equal(value);
        expect(value).to.have.length(before.get(key)?.length ?? 0);
      }
      return flipped?.key ?? '';
    });
    expect(where).to.deep.equal(['a', 'b']);
    const { store, until, disk } = await start(1);
    expect(disk.flipBit()).to.equal(undefined);
    await until(store.write([put('a', '1'), put('b', '1')]));
    expect(disk.flipBit({ key: 'b' })).to.deep.equal({ directory: 'data', key: 'b' });
    expect(disk.flipBit({ directory: 'other' })).to.equal(undefined);
  });

  it('is lost, or an older copy comes in its place', async () => {
    const { store, until, disk, reopen, machine } = await start(1);
    await until(store.write([put('a')]));
    const image = disk.snapshot();
    await until(store.write([put('b')]));
    disk.lose();
    expect(await until(failureOf(store.write([put('c')])))).to.deep.equal(['STORE_FAILED', false]);
    expect(await until(failureOf(entriesOf(store)))).to.deep.equal(['STORE_FAILED', false]);
    expect((await reopen()).entries).to.deep.equal([]);
    for (let time = 0; time < 2; time++) {
      machine.crash();
      disk.restore(image);
      const again = await reopen();
      expect(keysOf(again.entries)).to.equal('a');
      await until(again.store.write([put('z')]));
    }
  });

  it('holds something else than a store, which stays where it is', async () => {
    const { until, disk, machine } = await start(1);
    machine.crash();
    disk.spoil('data');
    const { disk: own } = machine.restart();
    expect(await until(failureOf(own.open('data')))).to.deep.equal(['STORE_FOREIGN', true]);
    expect(await until(failureOf(own.setAside('data')))).to.deep.equal(['STORE_FOREIGN', true]);
    expect([disk.directories, disk.open]).to.deep.equal([['data'], []]);
  });

  it('does not write into a range while that is cleared', async () => {
    const { store, until } = await start(1);
    const clearing = store.clear({ from: 'a', to: 'c' });
    const refused = await store.write([put('b')]).then(String, String);
    expect(refused).to.contain('nothing is written into a range while it is cleared');
    await until(clearing);
    await until(store.write([put('b')]));
  });

  it('decides the same in every run of a seed, and what it decides is in the digest', async () => {
    const run = async (seed: number, disturb: (disk: SimulatedDisk) => void = () => {}) => {
      const { world, store, machine, until, reopen, disk } = await start(seed);
      await until(store.write([put('a', 'value'), put('b', 'value')]));
      for (let n = 0; n < 20; n++) void store.write([put(`k${n}`)]);
      machine.crash();
      disturb(disk);
      const { entries } = await reopen();
      return { digest: world.digest, entries: JSON.stringify(entries) };
    };
    expect(await run(1)).to.deep.equal(await run(1));
    const runs = [
      await run(1),
      await run(2),
      await run(1, (disk) => disk.flipBit()),
      await run(1, (disk) => disk.lose()),
    ];
    expect(new Set(runs.map(({ digest }) => digest)).size).to.equal(4);
    expect(new Set(runs.map(({ entries }) => entries)).size).to.equal(4);
  });
});

/** What every Disk does. */
import type { Change, Disk, FailureName, KeyRange, Store, StoredEntry, UnderstudyError } from '@understudy/rpc';
import { expect } from 'chai';
import type { Passage } from './passage.ts';

/** A disk without faults. */
export interface DiskUnderTest extends Passage {
  readonly disk: Disk;
  /** A name that is free, and so are all that begin with it. */
  readonly directory: string;
}

const ALL: KeyRange = { from: '', to: '\u{10ffff}' };

/** From the least to the greatest, in UTF-8; UTF-16 would put the surrogates of the last two before U+E000. */
const ORDERED = ['', '\0', '!', 'A', 'Z', 'a', 'aa', 'ab', 'b', 'ä', '日本', '\ud7ff', '\ue000', '\uffff', '😀', '😁'];

export function diskConformance(name: string, setup: () => DiskUnderTest | Promise<DiskUnderTest>): void {
  describe(`Disk: ${name}`, () => {
    let twin: DiskUnderTest;
    let store: Store;
    beforeEach(async () => {
      twin = await setup();
      store = await twin.until(twin.disk.open(twin.directory));
    });
    afterEach(async () => {
      await twin.until(store.close());
      await twin.cleanup();
    });

    const reopen = async (): Promise<void> => {
      await store.close();
      store = await twin.disk.open(twin.directory);
    };

    const does = (what: string, body: () => Promise<void>) => it(what, () => twin.until(body()));

    does('is empty at first', async () => {
      expect(await entriesOf(store)).to.deep.equal([]);
    });

    does('keeps keys in the order of their UTF-8 bytes', async () => {
      await store.write(shuffled(ORDERED).map((key) => put(key, `of ${key}`)));
      expect(await entriesOf(store)).to.deep.equal(ORDERED.map((key) => [key, `of ${key}`]));
      await reopen();
      expect((await entriesOf(store)).map(([key]) => key)).to.deep.equal(ORDERED);
    });

    does('reads a range: the first key included, the last one not', async () => {
      await store.write(ORDERED.map((key) => put(key)));
      for (const [first, from] of ORDERED.entries()) {
        for (const [last, to] of ORDERED.entries()) {
          const keys = (await entriesOf(store, { from, to })).map(([key]) => key);
          expect(keys, `from ${from} to ${to}`).to.deep.equal(ORDERED.slice(first, Math.max(first, last)));
        }
      }
      expect(await entriesOf(store, { from: 'aaa', to: 'az' })).to.deep.equal([['ab', '']]);
    });

    does('puts and deletes in one write, the later of two changes of a key last', async () => {
      await store.write([put('a', '1'), put('b', '1'), put('c', '1')]);
      await store.write([put('a', '2'), remove('a'), remove('b'), put('b', '2'), put('c', '2'), put('c', '3')]);
      expect(await entriesOf(store)).to.deep.equal([
        ['b', '2'],
        ['c', '3'],
      ]);
      await store.write([remove('never there'), remove('b')]);
      expect(await entriesOf(store)).to.deep.equal([['c', '3']]);
    });

    does('takes an empty write', async () => {
      await store.write([]);
      expect(await entriesOf(store)).to.deep.equal([]);
    });

    does('does what several writes under way say in the order of their calls, and resolves them so', async () => {
      const resolved: number[] = [];
      const writes = Array.from({ length: 200 }, async (_, n) => {
        await store.write([put('last', String(n)), put(`n${n}`, '')]);
        resolved.push(n);
      });
      await Promise.all(writes);
      expect(resolved).to.deep.equal(Array.from({ length: 200 }, (_, n) => n));
      expect(await entriesOf(store, { from: 'last', to: 'm' })).to.deep.equal([['last', '199']]);
      expect(await entriesOf(store, { from: 'n', to: 'o' })).to.have.length(200);
    });

    does('takes a write of 5,000 entries, and many at once', async () => {
      const writeOf = (prefix: string) =>
        store.write(Array.from({ length: 5_000 }, (_, n) => put(`${prefix}${String(n).padStart(5, '0')}`, `v${n}`)));
      await Promise.all([writeOf('a'), writeOf('b'), writeOf('c')]);
      const keys = (await entriesOf(store)).map(([key]) => key);
      expect(keys).to.have.length(15_000);
      expect([keys[0], keys[4_999], keys[5_000], keys[14_999]]).to.deep.equal(['a00000', 'a04999', 'b00000', 'c04999']);
    });

    does('keeps values of 1 MiB, and any text', async () => {
      const texts = ['x'.repeat(1024 * 1024), '😀'.repeat(1024), '\0\n"\\', ''];
      await store.write(texts.map((text, n) => put(String(n), text)));
      await reopen();
      expect((await entriesOf(store)).every(([, text], n) => text === texts[n])).to.equal(true);
    });

    does('has everything when it is opened again', async () => {
      await store.write([put('a', '1'), put('b', '1')]);
      await store.write([remove('a'), put('c', '1')]);
      await reopen();
      await store.write([put('d', '1')]);
      await reopen();
      expect((await entriesOf(store)).map(([key]) => key)).to.deep.equal(['b', 'c', 'd']);
    });

    does('ends the writes under way before it closes', async () => {
      const writes = Array.from({ length: 20 }, (_, n) => store.write([put(`k${n}`)]));
      await reopen();
      await Promise.all(writes);
      expect(await entriesOf(store)).to.have.length(20);
    });

    does('shows a reader one moment, whatever is written meanwhile', async () => {
      await store.write(Array.from({ length: 3_000 }, (_, n) => put(`k${String(n).padStart(4, '0')}`, 'before')));
      const seen = new Set<string>();
      let count = 0;
      for await (const portion of store.read(ALL)) {
        if (count === 0) await store.write([put('k2999', 'after'), remove('k2998'), put('k29980', 'new')]);
        for (const [, value] of portion) seen.add(value);
        count += portion.length;
      }
      expect([count, ...seen]).to.deep.equal([3_000, 'before']);
    });

    does('lets a reader stop where it likes', async () => {
      await store.write(Array.from({ length: 3_000 }, (_, n) => put(`k${n}`)));
      for await (const portion of store.read(ALL)) {
        expect(portion.length).to.be.above(0);
        break;
      }
      await reopen();
    });

    does('clears a range, with what was written into it before, and nothing else', async () => {
      await store.write(ORDERED.map((key) => put(key)));
      void store.write([put('aaa'), put('c')]);
      const clearing = store.clear({ from: 'aa', to: 'b' });
      const written = store.write([put('b', 'kept'), put('a', 'kept')]);
      await Promise.all([clearing, written]);
      const kept = (await entriesOf(store, { from: 'a', to: 'd' })).map(([key, value]) => `${key} ${value}`);
      expect(kept).to.deep.equal(['a kept', 'b kept', 'c ']);
      await store.write([put('ab', 'again')]);
      await reopen();
      expect(await entriesOf(store)).to.have.length(ORDERED.length);
      await store.clear(ALL);
      expect(await entriesOf(store)).to.deep.equal([]);
    });

    does('keeps two directories apart', async () => {
      const other = await twin.disk.open(`${twin.directory}-other`);
      await Promise.all([store.write([put('k', 'one')]), other.write([put('k', 'other'), put('l')])]);
      await store.clear({ from: 'l', to: 'm' });
      expect(await entriesOf(store)).to.deep.equal([['k', 'one']]);
      expect(await entriesOf(other)).to.deep.equal([
        ['k', 'other'],
        ['l', ''],
      ]);
      await other.close();
    });

    does('does not open what is open, nor moves it; what is open stays so', async () => {
      await store.write([put('k')]);
      expect(await failureOf(twin.disk.open(twin.directory))).to.deep.equal(['STORE_IN_USE', true]);
      expect(await failureOf(twin.disk.setAside(twin.directory))).to.deep.equal(['STORE_IN_USE', true]);
      await store.write([put('l')]);
      expect(await entriesOf(store)).to.have.length(2);
    });

    does('does nothing any more after it was closed, which may be done twice', async () => {
      await store.write([put('k')]);
      await store.close();
      await store.close();
      const closed = ['CLOSED', true];
      expect(await failureOf(store.write([put('l')]))).to.deep.equal(closed);
      expect(await failureOf(store.clear(ALL))).to.deep.equal(closed);
      expect(await failureOf(entriesOf(store))).to.deep.equal(closed);
      await reopen();
      expect(await entriesOf(store)).to.deep.equal([['k', '']]);
    });

    does('sets a directory aside, and never over another one', async () => {
      const names: string[] = [];
      for (const value of ['first', 'second']) {
        expect(await twin.disk.hasSetAside(twin.directory)).to.equal(value === 'second');
        await store.write([put('k', value)]);
        await store.close();
        names.push(await twin.disk.setAside(twin.directory));
        store = await twin.disk.open(twin.directory);
        expect(await entriesOf(store), 'a new one').to.deep.equal([]);
      }
      expect(names).to.deep.equal([`${twin.directory}.damaged-1`, `${twin.directory}.damaged-2`]);
      for (const [n, value] of ['first', 'second'].entries()) {
        const aside = await twin.disk.open(names[n] as string);
        expect(await entriesOf(aside)).to.deep.equal([['k', value]]);
        await aside.close();
      }
    });

    does('sets nothing aside where there is nothing', async () => {
      expect(await twin.disk.setAside(`${twin.directory}-never`)).to.equal('');
      expect(await twin.disk.hasSetAside(`${twin.directory}-never`)).to.equal(false);
    });
  });
}

export function put(key: string, value = ''): Change {
  return { kind: 'put', key, value };
}

export function remove(key: string): Change {
  return { kind: 'delete', key };
}

export async function entriesOf(store: Store, range: KeyRange = ALL): Promise<StoredEntry[]> {
  const entries: StoredEntry[] = [];
  for await (const portion of store.read(range)) entries.push(...portion);
  return entries;
}

/** The name of the failure that a promise comes to, and whether it is definite. */
export async function failureOf(promise: Promise<unknown>): Promise<readonly [FailureName | 'none', boolean]> {
  try {
    await promise;
    return ['none', true];
  } catch (error) {
    const { name, definite } = error as UnderstudyError;
    return [name, definite];
  }
}

/** In another order, always the same. */
function shuffled(texts: readonly string[]): string[] {
  return texts.map((_, n) => texts[(n * 7 + 3) % texts.length] as string);
}

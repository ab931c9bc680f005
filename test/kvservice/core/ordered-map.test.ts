/**
 * The ordered map beside a plain one: its order, its snapshots, and what it does with keys that wait for their place in
 * the tree.
 */
import { BrokenInvariant, compareUtf8 } from '@understudy/rpc';
import { expect } from 'chai';
import fc from 'fast-check';
import type { MapSnapshot } from '../../../packages/kvservice/src/core/map-snapshot.ts';
import { OrderedMap, type OrderedPairs } from '../../../packages/kvservice/src/core/ordered-map.ts';
import { PartedMap } from '../../../packages/kvservice/src/core/parted-map.ts';

describe('ordered map', () => {
  it('of sorted keys is what it would be with each set by itself', () => {
    const keys = Array.from({ length: 1000 }, (_, count) => `k${1000 + count}`);
    const map = OrderedMap.ofSorted(keys, [...keys.keys()]);
    const other = new OrderedMap<number>();
    for (const [count, key] of keys.entries()) other.set(key, count);
    for (const each of [map, other]) {
      each.delete('k1500');
      each.set('k15', -1);
    }
    expect([...map.ascending()]).to.deep.equal([...other.ascending()]);
    expect([map.size, OrderedMap.ofSorted([], []).size]).to.deep.equal([1000, 0]);
  });

  it('has its pairs in the order of the UTF-8 bytes of keys, whatever is in them', () => {
    // Around the surrogates, where UTF-16 and UTF-8 disagree.
    const character = fc.constantFrom('a', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '\u{10ffff}');
    const key = fc.oneof(fc.string({ unit: character }), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(fc.uniqueArray(key), key, (keys, edge) => {
        const bytes = new Map([...keys, edge].map((each) => [each, Buffer.from(each)]));
        const order = (a: string, b: string): number => Buffer.compare(bytes.get(a) as Buffer, bytes.get(b) as Buffer);
        const sorted = keys.toSorted(order);
        const map = new OrderedMap<number>();
        for (const [count, each] of keys.entries()) map.set(each, count);
        for (const each of [map, OrderedMap.ofSorted(sorted, [...sorted])]) {
          const from = [...each.ascending(edge)].map(([each]) => each);
          const below = [...each.descending(edge)].map(([each]) => each);
          expect(from).to.deep.equal(sorted.filter((one) => order(one, edge) >= 0));
          expect(below).to.deep.equal(sorted.filter((one) => order(one, edge) < 0).toReversed());
        }
        expect(keys.map((each) => map.get(each))).to.deep.equal([...keys.keys()]);
        for (const each of keys) expect([map.delete(each), map.delete(each)]).to.deep.equal([true, false]);
        expect(map.size).to.equal(0);
      }),
    );
  });

  it('does as a plain map does, and its snapshots as copies of it, whatever is done in which order', function () {
    this.timeout(60_000);
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => {
        const pair = new Pair();
        for (const each of steps) pair.play(each);
        pair.end();
      }),
      { numRuns: 300 },
    );
  });

  it('a snapshot and the map go on apart', () => {
    const map = new OrderedMap<number>();
    for (let count = 0; count < 1000; count++) map.set(`k${count}`, count);
    const moment = map.snapshot();
    const before = [...moment.ascending()];
    for (let count = 0; count < 1000; count += 2) map.delete(`k${count}`);
    map.set('k1', -1);
    map.set('new', 0);
    expect([moment.size, map.size]).to.deep.equal([1000, 501]);
    expect([...moment.ascending()]).to.deep.equal(before);
    expect([[...moment.ascending('k1')][0], map.get('k1')]).to.deep.equal([['k1', 1], -1]);
  });

  it('an overlay takes no more than its moment: only keys of that moment are kept, and once', () => {
    const map = new OrderedMap<number>();
    for (let count = 0; count < 10; count++) map.set(`k${count}`, count);
    const moments = [map.snapshot(), map.snapshot()];
    for (let count = 0; count < 5_000; count++) {
      map.set(`later${count}`, count);
      map.set(`later${count}`, -count);
      map.set('k1', count);
      map.delete('k2');
      map.set('k2', count);
      map.delete(`later${count}`);
    }
    expect(moments.map(({ kept }) => kept)).to.deep.equal([2, 2]);
  });

  it('nothing is kept for a snapshot that was released, and nobody reads from it or releases it again', () => {
    const map = new OrderedMap<number>();
    map.set('a', 1);
    const [one, other] = [map.snapshot(), map.snapshot()];
    map.set('a', 2);
    expect([one.kept, other.kept, map.snapshots]).to.deep.equal([1, 1, 2]);
    one.release();
    expect([one.kept, other.kept, map.snapshots]).to.deep.equal([0, 1, 1]);
    expect(() => [...one.ascending()]).to.throw(BrokenInvariant, 'M1');
    expect(() => one.release()).to.throw(BrokenInvariant, 'M1');
    expect([...other.descending()]).to.deep.equal([['a', 1]]);
    other.release();
    map.set('a', 3);
    expect([other.kept, map.snapshots]).to.deep.equal([0, 0]);
  });
});

describe('parted map', () => {
  it('does as a plain map does while its parts are split, and after they are empty again', () => {
    const [map, plain] = [new PartedMap<number>(), new Map<string, number>()];
    const keys = Array.from({ length: 30_000 }, (_, count) => `key/${count}`);
    for (const [count, key] of keys.entries()) {
      expect(map.set(key, count)).to.equal(undefined);
      plain.set(key, count);
      const former = keys[(count * 7) % (count + 1)] as string;
      expect(map.set(former, -count)).to.equal(plain.get(former));
      plain.set(former, -count);
      if (count % 3 === 0) expect(map.take(former)).to.equal(plain.get(former));
      if (count % 3 === 0) plain.delete(former);
    }
    expect(map.size).to.equal(plain.size);
    for (const key of keys) expect([map.has(key), map.get(key)]).to.deep.equal([plain.has(key), plain.get(key)]);
    for (const key of keys) expect(map.take(key)).to.equal(plain.get(key));
    expect([map.size, map.get('key/1'), map.take('key/1')]).to.deep.equal([0, undefined, undefined]);
  });
});

type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** Few keys, so that the same ones come again; around the surrogates, where UTF-16 and UTF-8 disagree. */
const key = fc.oneof(
  fc.nat(30).map((count) => `k${count}`),
  fc.string({ unit: fc.constantFrom('k', '\ud7ff', '\ue000', '\u{10000}'), maxLength: 3 }),
);

const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('set' as const), key }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('delete' as const), key }) },
  // More than may wait for their place in the tree, and more than one part of the values takes.
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('many' as const), count: fc.constantFrom(50, 1_500, 5_000) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('thin-out' as const), every: fc.integer({ min: 2, max: 5 }) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('snapshot' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('release' as const), of: fc.nat() }) },
  // From here on a reader is in the middle of a snapshot, and reads on after each step.
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('read' as const), of: fc.nat(), key, isDown: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('scan' as const), of: fc.nat(), key, isDown: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('replace' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('clear' as const) }) },
);

interface Taken {
  readonly moment: MapSnapshot<number>;
  readonly plain: ReadonlyMap<string, number>;
  readonly readers: { readonly pairs: Iterator<[string, number]>; readonly rest: (readonly [string, number])[] }[];
}

/** An ordered map and a plain one, to which the same is done. */
class Pair {
  #map = new OrderedMap<number>();
  #plain = new Map<string, number>();
  #taken: Taken[] = [];
  readonly #maps = [this.#map];
  #value = 0;

  play(step: Step): void {
    switch (step.kind) {
      case 'set':
        this.#set(step.key);
        break;
      case 'delete':
        this.#delete(step.key);
        break;
      case 'many':
        for (let count = 0; count < step.count; count++) this.#set(`m${(count * 7919) % step.count}`);
        break;
      case 'thin-out':
        for (const [at, key] of [...this.#plain.keys()].entries()) if (at % step.every === 0) this.#delete(key);
        break;
      case 'snapshot':
        this.#taken.push({ moment: this.#map.snapshot(), plain: new Map(this.#plain), readers: [] });
        break;
      case 'release':
        for (const { moment } of this.#taken.splice(step.of % (this.#taken.length + 1), 1)) moment.release();
        break;
      case 'read':
        this.#read(step);
        break;
      case 'scan':
        this.#scan(step);
        break;
      case 'replace':
        this.#install(OrderedMap.ofSorted(...columns(sorted(this.#plain))), this.#plain);
        break;
      case 'clear':
        this.#install(new OrderedMap(), new Map());
    }
    expect(this.#map.size).to.equal(this.#plain.size);
    for (const each of this.#taken) this.#readOn(each, 3);
  }

  end(): void {
    compare(this.#map, this.#plain);
    for (const each of this.#taken) {
      compare(each.moment, each.plain);
      expect(each.moment.kept).to.be.at.most(each.moment.size);
      this.#readOn(each, Infinity);
      each.moment.release();
    }
    expect(this.#maps.map(({ snapshots }) => snapshots)).to.deep.equal(this.#maps.map(() => 0));
    expect(this.#taken.map(({ moment }) => moment.kept)).to.deep.equal(this.#taken.map(() => 0));
  }

  #set(key: string): void {
    this.#value += 1;
    expect(this.#map.set(key, this.#value)).to.equal(this.#plain.get(key));
    this.#plain.set(key, this.#value);
    expect(this.#map.get(key)).to.equal(this.#value);
  }

  #delete(key: string): void {
    expect(this.#map.delete(key)).to.equal(this.#plain.delete(key));
    expect(this.#map.get(key)).to.equal(undefined);
  }

  #install(map: OrderedMap<number>, plain: Map<string, number>): void {
    this.#map = map;
    this.#plain = new Map(plain);
    this.#maps.push(map);
  }

  #read({ of, key, isDown }: Extract<Step, { kind: 'read' }>): void {
    const taken = this.#taken[of % Math.max(1, this.#taken.length)];
    if (taken === undefined) return;
    const pairs = isDown ? taken.moment.descending(key) : taken.moment.ascending(key);
    taken.readers.push({ pairs, rest: within(taken.plain, key, isDown) });
  }

  #readOn({ readers }: Taken, most: number): void {
    for (const { pairs, rest } of readers) {
      for (let count = 0; count < most; count++) {
        const { done, value } = pairs.next();
        expect(done ? undefined : value).to.deep.equal(rest.shift());
        if (done) break;
      }
    }
  }

  #scan({ of, key, isDown }: Extract<Step, { kind: 'scan' }>): void {
    const { moment, plain } = this.#taken[of % (this.#taken.length + 1)] ?? { moment: this.#map, plain: this.#plain };
    const pairs = isDown ? moment.descending(key) : moment.ascending(key);
    expect([...pairs]).to.deep.equal(within(plain, key, isDown));
  }
}

function compare(map: OrderedPairs<number>, plain: ReadonlyMap<string, number>): void {
  const pairs = sorted(plain);
  expect([...map.ascending()]).to.deep.equal(pairs);
  expect([...map.descending()]).to.deep.equal(pairs.toReversed());
  expect(map.size).to.equal(plain.size);
}

/** The pairs from a key on, or those below it downwards. */
function within(plain: ReadonlyMap<string, number>, edge: string, isDown: boolean): (readonly [string, number])[] {
  const pairs = sorted(plain);
  if (isDown) return pairs.filter(([key]) => compareUtf8(key, edge) < 0).toReversed();
  return pairs.filter(([key]) => compareUtf8(key, edge) >= 0);
}

function sorted(plain: ReadonlyMap<string, number>): [string, number][] {
  return [...plain].sort(([one], [other]) => compareUtf8(one, other));
}

function columns(pairs: readonly [string, number][]): [string[], number[]] {
  return [pairs.map(([key]) => key), pairs.map(([, value]) => value)];
}

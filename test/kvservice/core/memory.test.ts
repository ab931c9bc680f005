/** What a server holds is counted, writes that do not fit are refused, and deletes are not (M1 to M3). */
import { expect } from 'chai';
import fc from 'fast-check';
import { cellBytes } from '../../../packages/kvservice/src/core/cell-bytes.ts';
import { DEFAULT_LIMITS } from '../../../packages/kvservice/src/core/config.ts';
import type { Effect } from '../../../packages/kvservice/src/core/effect.ts';
import type { Operation } from '../../../packages/kvservice/src/core/operation.ts';
import { StateMachine } from '../../../packages/kvservice/src/core/state-machine.ts';
import { limitsWithin } from '../../../packages/kvservice/src/memory-bound.ts';
import { pair, type Stage, viewOf } from './stage.ts';

const VALUE = 'v'.repeat(1_000);
/** As low as a log of so few entries allows. */
const LIMITS = { retainedEntries: 1 };

function failures(effects: readonly Effect[]): string[] {
  return effects.flatMap((effect) => (effect.kind === 'failure' ? [effect.failure.name] : []));
}

function notices(effects: readonly Effect[]): string[] {
  return effects.flatMap((effect) => (effect.kind === 'notice' ? [effect.notice.kind] : []));
}

/** What the primary A, and then the cluster, say of this operation. */
function write(stage: Stage, operation: Operation): readonly Effect[] {
  const effects = stage.step('A', { kind: 'write', requester: 'r', operation });
  return [...effects, ...stage.settle(['A', 'B'])];
}

/** Puts until one is refused, and gives how many were not. */
function fill(stage: Stage): number {
  for (let count = 0; count < 1_000; count++) {
    const effects = write(stage, { kind: 'put', key: `k${count}`, value: VALUE });
    // B says how full it is with the answer to each prepare.
    stage.settle(['A', 'B']);
    if (failures(effects).includes('NO_SPACE')) return count;
  }
  throw new Error('never full');
}

describe('memory', () => {
  it('what cells take is counted through every kind of operation, as a count from the beginning would be (M1)', () => {
    const key = fc.constantFrom('a', 'b', 'c');
    const value = fc.oneof(fc.string(), fc.constantFrom('x'.repeat(300), 'ä'.repeat(300), '語'.repeat(300)));
    const operation: fc.Arbitrary<Operation> = fc.oneof(
      fc.record({ kind: fc.constantFrom('put', 'append', 'putHash'), key, value }),
      fc.record({ kind: fc.constant('delete' as const), key }),
      fc.record({ kind: fc.constant('casRevision' as const), key, revision: fc.nat(3), value: fc.option(value) }),
    );
    fc.assert(
      fc.property(fc.array(operation), (operations) => {
        const machine = new StateMachine(DEFAULT_LIMITS);
        for (const [at, each] of operations.entries()) machine.apply(at + 1, { viewnum: 1, operation: each }, 'c');
        let bytes = 0;
        for (const [name, cell] of machine.cells.ascending()) bytes += cellBytes(name, cell.value);
        expect(machine.bytes).to.equal(bytes);
      }),
    );
  });

  it('a server says once that it is full, and once that it has room again (M2)', () => {
    const stage = pair({ maxBytes: { A: 60_000 }, limits: LIMITS });
    const said: string[] = [];
    const note = (effects: readonly Effect[]) =>
      said.push(...notices(effects).filter((it) => it.startsWith('memory-')));
    for (let at = 0; at < 40; at++) note(write(stage, { kind: 'put', key: `k${at}`, value: VALUE }));
    expect(said).to.deep.equal(['memory-full']);
    for (let at = 0; at < 40; at++) note(write(stage, { kind: 'delete', key: `k${at}` }));
    for (let at = 0; at < 3; at++) note(write(stage, { kind: 'put', key: `k${at}`, value: VALUE }));
    expect(said).to.deep.equal(['memory-full', 'memory-free']);
  });

  it('a full primary refuses what adds, takes what deletes, and reads; with room again it takes all (M2)', () => {
    const stage = pair({ maxBytes: { A: 60_000 }, limits: LIMITS });
    expect(fill(stage)).to.be.within(5, 30);
    expect(stage.replica('A').status().memory.full).to.equal(true);
    const refused: Operation[] = [
      { kind: 'put', key: 'k0', value: 'small' },
      { kind: 'append', key: 'k0', value: 'small' },
      { kind: 'putHash', key: 'k0', value: 'small' },
      { kind: 'cas', key: 'k0', expected: VALUE, value: 'small' },
    ];
    for (const operation of refused)
      expect(failures(write(stage, operation)), operation.kind).to.deep.equal(['NO_SPACE']);
    const read = { kind: 'read', requester: 'r', query: { kind: 'get', key: 'k0' } } as const;
    expect(failures([...stage.step('A', read), ...stage.settle(['A', 'B'])])).to.deep.equal([]);
    const taken: Operation[] = [
      { kind: 'openSession', client: 'c' },
      { kind: 'cas', key: 'k0', expected: VALUE, value: null },
      { kind: 'delete', key: 'k1' },
    ];
    for (const operation of taken) expect(failures(write(stage, operation)), operation.kind).to.deep.equal([]);
    for (let key = 2; key < 9; key++) write(stage, { kind: 'delete', key: `k${key}` });
    expect(failures(write(stage, { kind: 'put', key: 'k0', value: 'small' }))).to.deep.equal([]);
    expect(stage.replica('A').status().memory.full).to.equal(false);
  });

  it('a session can be opened however full the server is, because a client needs one to delete (M2)', () => {
    const stage = pair({ maxBytes: { A: 60_000 }, limits: LIMITS });
    // More than it may hold, counted once: what was under way when it got full is still taken.
    expect(failures(write(stage, { kind: 'put', key: 'k', value: 'v'.repeat(40_000) }))).to.deep.equal([]);
    expect(failures(write(stage, { kind: 'put', key: 'l', value: '' }))).to.deep.equal(['NO_SPACE']);
    const opened = write(stage, { kind: 'openSession', client: 'c' });
    expect(failures(opened)).to.deep.equal([]);
    expect(opened.map(({ kind }) => kind)).to.include('result');
    expect(failures(write(stage, { kind: 'delete', key: 'k' }))).to.deep.equal([]);
    expect(failures(write(stage, { kind: 'put', key: 'l', value: '' }))).to.deep.equal([]);
  });

  it('sessions take a small part of what a server may hold, and no more places than they need (S5, M4)', () => {
    const placesIn = (maxBytes: number) => limitsWithin(maxBytes).sessions;
    expect(placesIn(2 ** 31)).to.equal(DEFAULT_LIMITS.sessions);
    expect(placesIn(16 * 2 ** 20)).to.be.within(1_600, 1_700);
    expect(placesIn(1)).to.equal(1);
  });

  it('what snapshots keep counts, and those read least recently go when they keep more than the data (M1)', () => {
    const stage = pair({ limits: LIMITS });
    const keys = Array.from({ length: 20 }, (_, key) => `k${key}`);
    const putAll = (): void => {
      for (const key of keys) write(stage, { kind: 'put', key, value: VALUE });
    };
    const open = (): string => {
      const effects = stage.step('A', { kind: 'read', requester: 's', query: { kind: 'open-snapshot' } });
      const leased = [...effects, ...stage.settle(['A', 'B'])].find((effect) => effect.kind === 'leased');
      return String((leased?.result as { readonly snapshot: string }).snapshot);
    };
    putAll();
    const { heldBytes: before } = stage.replica('A').status().memory;
    const snapshots: string[] = [];
    for (let round = 0; round < 6; round += 1) {
      snapshots.push(open());
      putAll();
      stage.now += 25;
      stage.step('A', { kind: 'tick' });
      stage.settle(['A', 'B']);
    }
    const { heldBytes } = stage.replica('A').status().memory;
    expect(heldBytes).to.be.below(before * 1.5);
    const page = (snapshot: string): readonly string[] => {
      const event = { kind: 'snapshot-read', requester: 'p', snapshot, query: { limit: 1 } } as const;
      return failures([...stage.step('A', event), ...stage.settle(['A', 'B'])]);
    };
    expect(page(snapshots[0] ?? '')).to.deep.equal(['SNAPSHOT_UNKNOWN']);
    expect(page(snapshots[5] ?? '')).to.deep.equal([]);
  });

  it('between the two marks it stays as it was: no put after one delete, and no refusal after many (M2)', () => {
    const stage = pair({ maxBytes: { A: 1_000_000 }, limits: LIMITS });
    const count = fill(stage);
    write(stage, { kind: 'delete', key: `k${count - 1}` });
    expect(failures(write(stage, { kind: 'put', key: 'another', value: VALUE }))).to.deep.equal(['NO_SPACE']);
  });

  it('a primary refuses what a backup that counts has no room for, and says which (M2)', () => {
    const stage = pair({ maxBytes: { B: 60_000 }, limits: LIMITS });
    expect(fill(stage)).to.be.within(5, 40);
    const [refusal] = write(stage, { kind: 'put', key: 'k', value: 'v' });
    expect(refusal)
      .to.have.nested.property('failure.message')
      .that.matches(/^B has no memory left/);
    expect(stage.replica('A').status().memory.full).to.equal(false);
    expect(stage.replica('A').status().backups[0]?.full).to.equal(true);
    expect(stage.replica('B').status().memory.full).to.equal(true);
    for (let key = 0; key < 9; key++) write(stage, { kind: 'delete', key: `k${key}` });
    stage.settle(['A', 'B']);
    expect(failures(write(stage, { kind: 'put', key: 'k', value: 'v' }))).to.deep.equal([]);
  });

  it('the text of a large entry that travels in pieces counts, on both sides, until it is whole (M1)', () => {
    const stage = pair({ limits: LIMITS });
    const heldBy = (server: string) => stage.replica(server).status().memory.heldBytes;
    const [ofPrimary, ofBackup] = [heldBy('A'), heldBy('B')];
    const units = 1_000_000;
    stage.step('A', { kind: 'write', requester: 'r', operation: { kind: 'put', key: 'k', value: 'v'.repeat(units) } });
    // In the log, and waits; no text of it is cut yet.
    const logged = heldBy('A') - ofPrimary;
    let before = heldBy('B');
    let pieces = 0;
    while (heldBy('B') - ofBackup < 2 * units) {
      stage.step('A', { kind: 'turn-end' });
      expect(heldBy('A') - ofPrimary).to.be.within(logged + 2 * units, logged + 2 * units + 1_000);
      const letter = stage.mail.shift() ?? expect.fail('no piece is under way');
      stage.deliver(letter);
      if (heldBy('B') > before) pieces += 1;
      before = heldBy('B');
    }
    expect(pieces).to.be.greaterThan(1);
    stage.settle(['A', 'B']);
    // It is data now, counted twice, and still in the log.
    const kept = logged + 2 * 2 * units;
    for (const [server, held] of [
      ['A', ofPrimary],
      ['B', ofBackup],
    ] as const)
      expect(heldBy(server) - held, server).to.be.lessThan(kept);
  });

  it('a server that cannot hold the data takes no seat and says so; it is named to the monitor, and writes go on (M3)', () => {
    const stage = pair({ maxBytes: { C: 20_000 }, limits: LIMITS });
    for (let count = 0; count < 60; count++) write(stage, { kind: 'put', key: `k${count}`, value: VALUE });
    for (const server of ['A', 'B', 'C']) stage.pinged(server, viewOf(3, 'A', ['B', 'C'], ['C']));
    const said: string[] = [];
    for (let rounds = 0; rounds < 50; rounds++) {
      stage.now += 30;
      said.push(...notices(stage.step('A', { kind: 'tick' })), ...notices(stage.settle()));
    }
    expect(said.filter((kind) => kind === 'no-room')).to.have.lengthOf(1);
    expect(said.filter((kind) => kind === 'backup-without-room')).to.have.lengthOf(1);
    expect(stage.replica('A').report()?.lost).to.deep.equal(['C']);
    expect(stage.replica('C').status()).to.deep.include({ ready: false, keys: 0 });
    expect(failures(write(stage, { kind: 'put', key: 'k', value: 'v' }))).to.deep.equal([]);
  });
});

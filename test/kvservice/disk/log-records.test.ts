/** What is written of a log, and read back: the same log, whatever happened to it in between. */
import type { Change } from '@understudy/rpc';
import { MemoryDisk } from '@understudy/testkit';
import { expect } from 'chai';
import fc from 'fast-check';
import { Checkpoint } from '../../../packages/kvservice/src/core/checkpoint.ts';
import { DEFAULT_LIMITS } from '../../../packages/kvservice/src/core/config.ts';
import { Log, ORIGIN } from '../../../packages/kvservice/src/core/log.ts';
import type { Entry } from '../../../packages/kvservice/src/core/operation.ts';
import type { DataChange, Meta, Persist } from '../../../packages/kvservice/src/core/persist.ts';
import { StateMachine } from '../../../packages/kvservice/src/core/state-machine.ts';
import { load } from '../../../packages/kvservice/src/store/load.ts';
import { Recorder } from '../../../packages/kvservice/src/store/recorder.ts';

type Step =
  | { readonly kind: 'append'; readonly count: number }
  /** Down to a part of what is not committed. */
  | { readonly kind: 'cut'; readonly share: number }
  /** What is committed grows by a part of the rest. */
  | { readonly kind: 'commit'; readonly share: number }
  /** One begins, or, where one is under way, its next piece is given. */
  | { readonly kind: 'checkpoint' }
  /** Entries are forgotten, up to a part of what is applied on disk. */
  | { readonly kind: 'forget'; readonly share: number }
  /** A state of so many entries later takes the place of all. */
  | { readonly kind: 'install'; readonly later: number }
  /** Everything since the last time goes to the disk. */
  | { readonly kind: 'write' }
  | { readonly kind: 'restart' };

const share = fc.double({ min: 0, max: 1, noNaN: true });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('append' as const), count: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('cut' as const), share }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('commit' as const), share }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('checkpoint' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('forget' as const), share }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('install' as const), later: fc.integer({ min: 1, max: 9 }) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('write' as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
);

/** A server's log and data, its disk, and what must be on that. */
class Subject {
  readonly #disk = new MemoryDisk();
  #log = new Log();
  #machine = newMachine();
  #commit = 0;
  #applied = 0;
  #generation = 0;
  #tokens = 0;
  #checkpoint: Checkpoint | undefined;
  #lastCheckpoint = 0;
  #recorder = new Recorder('a:1', []);
  #changes: Change[] = [];
  /** What a restart has to find: the data as of the commit index that the log tells of. */
  #onDisk = { log: [] as string[], base: 0, applied: 0, commit: 0 };
  /** The data after each entry; nothing committed changes. */
  readonly #data = new Map<number, string>([[0, '']]);

  async take(step: Step): Promise<void> {
    const log = this.#log;
    switch (step.kind) {
      case 'append':
        for (let n = 0; n < step.count; n++) log.append(this.#entry());
        return;
      case 'cut':
        return log.cutAbove(this.#commit + Math.floor(step.share * (log.lastIndex - this.#commit)));
      case 'commit': {
        const to = this.#commit + Math.ceil(step.share * (log.lastIndex - this.#commit));
        while (this.#commit < to) this.#apply();
        return;
      }
      case 'checkpoint':
        return this.#goOn();
      case 'forget': {
        const through = log.base.index + Math.floor(step.share * (this.#onDisk.applied - log.base.index));
        if (through > log.base.index) log.forgetThrough(through);
        return;
      }
      case 'install':
        return this.#install(log.lastIndex + step.later);
      case 'write':
        this.#give(undefined);
        return this.#write();
      case 'restart':
        return this.#restart();
    }
  }

  #entry(): Entry {
    this.#tokens += 1;
    const key = KEYS[this.#tokens % 5] ?? 'a';
    if (this.#tokens % 4 === 0) return { viewnum: 1, operation: { kind: 'delete', key } };
    return { viewnum: 1, operation: { kind: 'append', key, value: `<${this.#tokens}>` } };
  }

  #goOn(): void {
    if (this.#checkpoint === undefined) {
      const number = this.#lastCheckpoint + 1;
      this.#checkpoint = new Checkpoint({ number, applied: this.#commit, changes: this.#machine.takeChanges() });
      return;
    }
    const { number } = this.#checkpoint;
    const piece = this.#checkpoint.take(1);
    if (this.#checkpoint.isOver) {
      this.#applied = this.#checkpoint.applied;
      this.#lastCheckpoint = number;
      this.#checkpoint = undefined;
    }
    this.#give({ generation: this.#generation, checkpoint: number, ...piece });
  }

  #apply(): void {
    this.#commit += 1;
    this.#machine.apply(this.#commit, this.#log.at(this.#commit) as Entry, 'cluster');
    this.#data.set(this.#commit, dataOf(this.#machine));
  }

  #install(index: number): void {
    this.#machine = newMachine();
    this.#tokens += 1;
    const cell = { value: `[${this.#tokens}]`, revision: index };
    this.#machine.cells.set('a', cell);
    this.#data.set(index, dataOf(this.#machine));
    this.#checkpoint = undefined;
    this.#log.restart({ viewnum: 1, index });
    this.#commit = index;
    this.#applied = index;
    this.#generation += 1;
    const data = { generation: this.#generation, checkpoint: 0, cells: [['a', cell]], sessions: [] } as const;
    this.#record({ kind: 'persist', number: 0, data });
    this.#give(undefined);
  }

  #give(data: DataChange | undefined): void {
    const log = this.#log.takeChange();
    const meta: Meta = {
      ...{ incarnation: 'i', cluster: 'cluster', fulfilled: 1, reported: ORIGIN },
      ...{ view: { viewnum: 1, primary: 'a:1', backups: [], syncing: [] } },
      ...{
        base: this.#log.base,
        applied: this.#applied,
        generation: this.#generation,
        checkpoint: this.#lastCheckpoint,
      },
    };
    this.#record({
      ...{ kind: 'persist', number: 0, meta },
      ...(log === undefined ? {} : { log: { ...log, commit: this.#commit } }),
      ...(data === undefined ? {} : { data }),
    });
    this.#toldCommit = Math.max(this.#applied, log === undefined ? this.#toldCommit : this.#commit);
  }

  #record(persist: Persist): void {
    this.#recorder.record(persist, this.#changes);
  }

  async #write(): Promise<void> {
    const store = await this.#disk.open('data');
    await store.write(this.#changes.splice(0));
    await store.close();
    const { base, lastIndex } = this.#log;
    const log: string[] = [];
    for (let index = base.index + 1; index <= lastIndex; index++) log.push(textOf(this.#log.at(index)));
    this.#onDisk = { log, base: base.index, applied: this.#applied, commit: this.#toldCommit };
  }

  /** By the last log change that was given. */
  #toldCommit = 0;

  async #restart(): Promise<void> {
    const store = await this.#disk.open('data');
    const { meta, entries, machine, commit, logRecords } = await load(store, {
      directory: 'data',
      server: 'a:1',
      limits: { ...DEFAULT_LIMITS, valueUnits: 1_000_000 },
      maxBytes: Infinity,
    });
    await store.close();
    const base = meta?.base ?? ORIGIN;
    const applied = meta?.applied ?? 0;
    expect({ log: entries.map(textOf), base: base.index, applied, commit }).to.deep.equal(this.#onDisk);
    expect(dataOf(machine ?? newMachine()), 'the data of one moment').to.equal(this.#data.get(applied));
    this.#changes = [];
    this.#recorder = new Recorder('a:1', logRecords);
    this.#log = new Log();
    this.#log.restart(base);
    for (const entry of entries) this.#log.append(entry);
    this.#log.takeChange();
    this.#machine = machine ?? newMachine();
    this.#machine.trackChanges();
    this.#generation = meta?.generation ?? 0;
    this.#checkpoint = undefined;
    this.#lastCheckpoint = meta?.checkpoint ?? 0;
    this.#toldCommit = commit;
    this.#applied = applied;
    this.#commit = applied;
    const known = this.#data.get(commit);
    while (this.#commit < commit) this.#apply();
    expect(dataOf(this.#machine), 'each entry applied once').to.equal(known);
  }
}

const KEYS = ['a', 'b', 'c', 'a', 'd'] as const;

function dataOf(machine: StateMachine): string {
  return [...machine.cells.ascending()].map(([key, { value, revision }]) => `${key}=${value}@${revision}`).join(' ');
}

function newMachine(): StateMachine {
  const machine = new StateMachine({ ...DEFAULT_LIMITS, valueUnits: 1_000_000 });
  machine.trackChanges();
  return machine;
}

function textOf(entry: Entry | undefined): string {
  return JSON.stringify(entry?.operation);
}

async function play(steps: readonly Step[]): Promise<void> {
  const subject = new Subject();
  for (const each of steps) await subject.take(each);
  await subject.take({ kind: 'write' });
  await subject.take({ kind: 'restart' });
}

describe('the records of a log', () => {
  it('give back the log and the data as they were written last, whatever happened (R9, R10, R12)', () =>
    fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 60 }), play), { numRuns: 300 }));

  for (const [what, steps] of [
    ['cut off, and nothing appended', [append(5), write(), { kind: 'cut', share: 0.5 }, write()]],
    ['cut off down to nothing', [append(5), write(), { kind: 'cut', share: 0 }, write()]],
    [
      'cut off twice, each time deeper',
      [
        append(4),
        write(),
        append(4),
        write(),
        { kind: 'cut', share: 0.7 },
        write(),
        { kind: 'cut', share: 0.3 },
        write(),
      ],
    ],
    [
      'cut off, written, and appended to',
      [append(5), write(), { kind: 'cut', share: 0.4 }, write(), append(1), write()],
    ],
    [
      'cut off and appended to after a restart',
      [append(5), write(), { kind: 'restart' }, { kind: 'cut', share: 0.4 }, append(2), write()],
    ],
  ] as const satisfies readonly (readonly [string, readonly Step[]])[]) {
    it(`${what}: the entries of before do not come back`, () => play(steps));
  }
});

function append(count: number): Step {
  return { kind: 'append', count };
}

function write(): Step {
  return { kind: 'write' };
}

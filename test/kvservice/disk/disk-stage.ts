/** A stage whose servers have disks: what they give to them waits until it is saved, and a crash loses what was not. */
import { type Change, type Store, UnderstudyError } from '@understudy/rpc';
import { MemoryDisk } from '@understudy/testkit';
import { expect } from 'chai';
import { DEFAULT_LIMITS } from '../../../packages/kvservice/src/core/config.ts';
import type { Effect } from '../../../packages/kvservice/src/core/effect.ts';
import type { Event } from '../../../packages/kvservice/src/core/event.ts';
import type { Persist } from '../../../packages/kvservice/src/core/persist.ts';
import { type Loaded, load } from '../../../packages/kvservice/src/store/load.ts';
import { Recorder } from '../../../packages/kvservice/src/store/recorder.ts';
import { Stage, type StageOptions, viewOf } from '../core/stage.ts';

interface Machine {
  readonly store: Store;
  readonly recorder: Recorder;
  /** Given to the disk, and not on it yet; oldest first. */
  readonly unsaved: Persist[];
}

export class DiskStage extends Stage {
  readonly #disk = new MemoryDisk();
  readonly #machines = new Map<string, Machine>();

  /**
   * Starts a run of a server with what is on its disk, and gives that; what its former run had not saved is lost.
   * `saved`: it has noted its incarnation.
   */
  async boot(server: string, run = 1, { saved = true } = {}): Promise<Loaded> {
    await this.#machines.get(server)?.store.close();
    const store = await this.#disk.open(server);
    const loaded = await load(store, { directory: server, server, limits: DEFAULT_LIMITS, maxBytes: Infinity });
    this.#machines.set(server, { store, recorder: new Recorder(server, loaded.logRecords), unsaved: [] });
    this.start(server, run, loaded);
    if (saved) await this.rest([server]);
    return loaded;
  }

  override step(server: string, event: Event): readonly Effect[] {
    const effects = super.step(server, event);
    for (const effect of effects) if (effect.kind === 'persist') this.unsaved(server).push(effect);
    return effects;
  }

  /** What the server has given to its disk, and is not on it yet. */
  unsaved(server: string): Persist[] {
    return this.#machine(server).unsaved;
  }

  /** The oldest writes, or all, come to the disk in one step; the server is told so, and what had waited comes about. */
  async save(server: string, count = this.unsaved(server).length): Promise<readonly Effect[]> {
    const { store, recorder, unsaved } = this.#machine(server);
    const given = unsaved.splice(0, count);
    const last = given.at(-1);
    if (last === undefined) throw new Error(`${server} has given nothing to its disk`);
    const changes: Change[] = [];
    for (const persist of given) recorder.record(persist, changes);
    await store.write(changes);
    return this.step(server, { kind: 'persisted', number: last.number });
  }

  /** Lets everything happen, disks included, until nothing moves any more. */
  async rest(among: readonly string[] = [...this.#machines.keys()]): Promise<readonly Effect[]> {
    const effects: Effect[] = [];
    for (let rounds = 0; rounds < 1000; rounds++) {
      effects.push(...this.settle(among));
      const busy = among.filter((server) => this.unsaved(server).length > 0);
      if (busy.length === 0) return effects;
      for (const server of busy) effects.push(...(await this.save(server)));
    }
    throw new Error('the stage does not come to rest');
  }

  /** Lets time pass, a tick of every server each 25 ms. */
  async pass(ms: number, among: readonly string[] = [...this.#machines.keys()]): Promise<readonly Effect[]> {
    const effects: Effect[] = [];
    for (const end = this.now + ms; this.now < end; ) {
      this.now += 25;
      for (const server of among) effects.push(...this.step(server, { kind: 'tick' }));
      effects.push(...(await this.rest(among)));
    }
    return effects;
  }

  /** Data is applied on the disk up to there. */
  async appliedOn(server: string): Promise<number> {
    const { meta } = await load(this.#machine(server).store, {
      directory: server,
      server,
      limits: DEFAULT_LIMITS,
      maxBytes: Infinity,
    });
    return meta?.applied ?? 0;
  }

  /** Keys of the records on a disk. */
  async keysOn(server: string): Promise<readonly string[]> {
    const keys: string[] = [];
    for await (const portion of this.#machine(server).store.read({ from: '', to: '\u{10ffff}' }))
      keys.push(...portion.map(([key]) => key));
    return keys;
  }

  #machine(server: string): Machine {
    const machine = this.#machines.get(server);
    if (machine === undefined) throw new UnderstudyError('INTERNAL_ERROR', `${server} has no disk on this stage`);
    return machine;
  }
}

/** The entries, sessions and data that a server shows, for comparison. */
export function dataOf(stage: Stage, server: string): object {
  const { inspection } = stage.replica(server);
  return { commitIndex: inspection.commitIndex, fingerprint: inspection.fingerprint() };
}

/** The log from its base on, as `viewnum:kind:value`. */
export function logOf(stage: Stage, server: string): string[] {
  const { inspection } = stage.replica(server);
  const lines: string[] = [];
  for (let index = inspection.base.index + 1; index <= inspection.lastIndex; index++) {
    const entry = inspection.entryAt(index);
    expect(entry, `entry ${index}`).not.to.equal(undefined);
    if (entry === undefined) continue;
    const value = 'value' in entry.operation ? `:${entry.operation.value}` : '';
    lines.push(`${entry.viewnum}:${entry.operation.kind}${value}`);
  }
  return lines;
}

/** A server alone in view 1, which it has acknowledged. */
export async function alone(options: StageOptions = {}): Promise<DiskStage> {
  const stage = new DiskStage(options);
  await stage.boot('A');
  stage.pinged('A', viewOf(1, 'A'));
  await stage.rest();
  return stage;
}

/** A primary A and a backup B in an acknowledged view 2, all of it on their disks. */
export async function diskPair(options: StageOptions = {}): Promise<DiskStage> {
  const stage = await alone(options);
  await stage.boot('B');
  stage.pinged('B', viewOf(1, 'A'));
  for (const server of ['A', 'B']) stage.pinged(server, viewOf(2, 'A', ['B'], ['B']));
  await stage.rest();
  for (const server of ['A', 'B']) stage.pinged(server, viewOf(2, 'A', ['B']));
  await stage.rest();
  return stage;
}

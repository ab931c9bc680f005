/** Scenario 17: what is lost, doubled or late between backup and primary never makes their orders differ (R2, R3). */
import { expect } from 'chai';
import type { Effect } from '../../packages/kvservice/src/core/effect.ts';
import { type Letter, pair, type Stage, viewOf } from '../kvservice/core/stage.ts';
import { append, pass, readAt, resultFor, takeAll } from './support/hand-driven.ts';
import { carriesEntries } from './support/messages.ts';
import { play } from './support/scene.ts';

const FATES = ['arrives', 'is lost', 'is answered in vain', 'comes twice', 'comes late'] as const;
type Fate = (typeof FATES)[number];

const WRITES = 4;

describe('17: lost acknowledgements', () => {
  it(`${WRITES} writes in flight, each prepare with every fate: primary and backup have one order (${FATES.length ** WRITES} ways)`, () => {
    for (const fates of ways(WRITES)) {
      for (const backwards of [false, true]) {
        const stage = pair();
        const told = writeWithFates(stage, fates, backwards);
        const what = `${fates.join(', ')}${backwards ? ', late ones last first' : ''}`;
        const atPrimary = readAt(stage, 'A', 'log', ['A', 'B']);
        expect(atPrimary, what).to.equal('w0.w1.w2.w3.');
        expect(stage.replica('B').status().position, what).to.deep.equal(stage.replica('A').status().position);
        stage.now += 300;
        stage.pinged('B', viewOf(3, 'B'));
        stage.settle(['B']);
        expect(readAt(stage, 'B', 'log', ['B']), what).to.equal(atPrimary);
        expect(told, what).to.deep.equal([2, 3, 4, 5]);
      }
    }
  });

  for (const seed of [1, 2, 3, 4]) {
    it(`many writers, a third of all acknowledgements lost, prepares doubled and overtaken: the backup that takes over has the same order (seed ${seed})`, () =>
      play({ seed, servers: ['a', 'b'], client: { tryTimeout: 60 } }, async (scene) => {
        const { world } = scene;
        const traffic = scene.busy({ clients: ['c1', 'c2', 'c3'], thinkMs: 3, lanes: 3 });
        world.network.configureLink('a', 'b', { reorder: 0.1, duplicate: 0.1 });
        const lossy = world.network.intercept((message) => {
          const isAcknowledgement = message.method === 'kv.prepare' && message.kind === 'reply';
          if (isAcknowledgement && world.random.chance(0.33)) return 'drop';
          return carriesEntries(message) && world.random.chance(0.05) ? 'drop' : undefined;
        });
        await world.runFor(700);
        lossy.remove();
        await traffic.stop();
        const judge = scene.client('judge');
        const before = await readAll(scene.ledger.logs, (key) => judge.get(key));
        scene.crash('a');
        expect(await readAll(scene.ledger.logs, (key) => judge.get(key))).to.deep.equal(before);
        expect(scene.primary).to.equal('b');
      }));
  }
});

function* ways(count: number): Generator<readonly Fate[]> {
  if (count === 0) return yield [];
  for (const rest of ways(count - 1)) for (const fate of FATES) yield [fate, ...rest];
}

/** Revisions that the clients were told, in the order of their writes. */
function writeWithFates(stage: Stage, fates: readonly Fate[], backwards: boolean): readonly unknown[] {
  for (const [index] of fates.entries()) {
    stage.step('A', append(`c${index}`, `w${index}.`));
    stage.step('A', { kind: 'turn-end' });
  }
  const letters = takeAll(stage, 'A', 'B');
  expect(letters, 'prepares in flight').to.have.lengthOf(fates.length);
  const late: Letter[] = [];
  const effects: Effect[] = [];
  for (const [index, letter] of letters.entries()) {
    const fate = fates[index];
    if (fate === 'comes late') late.push(letter);
    else effects.push(...suffer(stage, letter, fate));
  }
  effects.push(...pass(stage, 75, ['A', 'B']));
  for (const letter of backwards ? late.reverse() : late)
    effects.push(...stage.deliver(letter), ...stage.settle(['A', 'B']));
  effects.push(...pass(stage, 200, ['A', 'B']));
  return fates.map((_, index) => resultFor(`c${index}`, effects)?.revision);
}

function suffer(stage: Stage, letter: Letter, fate: Fate | undefined): readonly Effect[] {
  if (fate === 'is lost') return stage.lose(letter);
  stage.deliver(letter);
  const [answer] = takeAll(stage, 'B', 'A');
  if (answer === undefined) return expect.fail('a prepare is answered');
  if (fate === 'is answered in vain') return stage.lose(answer);
  if (fate === 'comes twice') {
    stage.deliver({ ...letter, twice: true });
    takeAll(stage, 'B', 'A');
  }
  return stage.deliver(answer);
}

async function readAll(keys: readonly string[], read: (key: string) => Promise<string | undefined>): Promise<object> {
  const values: Record<string, string | undefined> = {};
  for (const key of keys) values[key] = await read(key);
  return values;
}

/** Scenario 22: chunks of a former transfer, or duplicates, that arrive after their receiver went on: nothing verified is cut (R7). */
import { expect } from 'chai';
import { type Letter, pair, type Stage, viewOf } from '../kvservice/core/stage.ts';
import { pass, put, readAt } from './support/hand-driven.ts';
import { play as playScene } from './support/scene.ts';

const KEYS = 30;
const LIMITS = { retainedEntries: 5, chunkUnits: 700, transferWeight: 10_000 };
const ALL = ['A', 'B', 'C'];

/** When the former chunks arrive. */
const MOMENTS = [
  'as soon as it has the entries since',
  'after more was written',
  'in the next view of the same primary',
  'after it became backup of another primary',
] as const;

/** In which order they arrive. */
const ORDERS: readonly (readonly [name: string, arrange: (letters: readonly Letter[]) => readonly Letter[]])[] = [
  ['in order', (letters) => letters],
  ['last first', (letters) => [...letters].reverse()],
  ['only the last', (letters) => letters.slice(-1)],
  ['all twice', (letters) => letters.flatMap((letter) => [letter, letter])],
];

/** A stage, and what everybody must hold at the end. */
interface Play {
  readonly stage: Stage;
  readonly values: Map<string, string>;
}

describe('22: chunks of a former transfer', () => {
  for (const moment of MOMENTS) {
    for (const [order, arrange] of ORDERS) {
      it(`duplicates arrive ${order}, ${moment}: nothing is taken back`, () => {
        const { play, chunks } = broughtUpToDate();
        const { stage } = play;
        goOn(play, moment);
        const { commitIndex, position, keys } = stage.replica('C').status();
        for (const letter of arrange(chunks)) {
          stage.deliver({ ...letter, twice: true });
          stage.settle(ALL);
        }
        expect(stage.replica('C').status()).to.deep.include({ commitIndex, position, keys });
        expectEverythingAtC(play);
      });
    }
  }

  for (let through = 1; through <= 5; through++) {
    it(`a transfer starts over after chunk ${through}, and takes nothing of the former one that comes late`, () => {
      const play = withKeys();
      const { stage } = play;
      bringIn(stage);
      const former = transferTo(stage, through);
      // So much is written that the log cannot keep it all until the transfer is through.
      for (let count = 0; count < 20; count++) write(play, `key-${count}`, 'newer'.repeat(200), ['A', 'B']);
      for (let rounds = 0; rounds < 100 && !stage.replica('C').status().ready; rounds++) {
        const letter = former[rounds % former.length];
        if (letter !== undefined) stage.deliver({ ...letter, twice: true });
        pass(stage, 25, ALL);
      }
      expect(stage.replica('A').status().counters.transfersStarted).to.equal(2);
      expectEverythingAtC(play);
    });
  }

  it('a chunk of a former transfer in the same view is unwanted, and does not disturb the newer one', () => {
    const play = withKeys();
    bringIn(play.stage);
    const former = transferTo(play.stage, 2);
    const [first, second] = former.map((letter) => ofTransfer(letter, 1_000_000));
    if (former[0] === undefined || first === undefined || second === undefined) return expect.fail('two chunks');
    expect(answerTo(play.stage, first)).to.deep.equal({ kind: 'taken', transfer: 1_000_000, next: 1 });
    expect(answerTo(play.stage, former[0])).to.include({ kind: 'unwanted' });
    expect(answerTo(play.stage, second)).to.deep.equal({ kind: 'taken', transfer: 1_000_000, next: 2 });
  });

  for (const seed of [1, 2, 3]) {
    it(`every chunk comes twice, the second time much later, while writes go on (seed ${seed})`, () =>
      playScene(
        { seed, servers: ['a'], server: { limits: { retainedEntries: 5, chunkUnits: 300 } } },
        async (scene) => {
          const { world } = scene;
          scene.busy({ thinkMs: 4 });
          await world.runFor(300);
          world.network.configureLink('a', 'n', { duplicate: 1, reorder: 0.2 });
          await scene.startServer('n');
          await scene.full(2);
          await world.runFor(1_500);
          scene.crash('a');
          await scene.until(() => scene.primary === 'n', 'the newcomer to be primary', 2_000);
        },
      ));
  }
});

/** A pair with so many keys, and so short a log, that a newcomer needs a transfer. */
function withKeys(): Play {
  const play = { stage: pair({ limits: LIMITS }), values: new Map<string, string>() };
  for (let count = 0; count < KEYS; count++) write(play, `key-${count}`, `value-${count}`);
  return play;
}

function write({ stage, values }: Play, key: string, value: string, among: readonly string[] = ALL): void {
  stage.step('A', put('writer', key, value));
  values.set(key, value);
  stage.settle(among);
}

function bringIn(stage: Stage): void {
  for (const server of ALL) stage.pinged(server, viewOf(3, 'A', ['B', 'C'], ['C']));
}

/** Delivers what moves, and stops as soon as that many chunks were sent; returns them. */
function transferTo(stage: Stage, most: number): Letter[] {
  const chunks: Letter[] = [];
  for (let rounds = 0; rounds < 400 && chunks.length < most; rounds++) {
    for (const server of ALL) stage.step(server, { kind: 'turn-end' });
    const [letter] = stage.mail.splice(0, 1);
    if (letter === undefined) break;
    if ('message' in letter.content && letter.content.message.kind === 'chunk') chunks.push(letter);
    stage.deliver(letter);
  }
  return chunks;
}

/** C has everything, by a transfer; its chunks are returned, as if they had been doubled on the way. */
function broughtUpToDate(): { readonly play: Play; readonly chunks: readonly Letter[] } {
  const play = withKeys();
  bringIn(play.stage);
  const chunks = transferTo(play.stage, Infinity);
  play.stage.settle(ALL);
  expect(chunks.length, 'chunks').to.be.greaterThan(3);
  expect(play.stage.replica('C').status().ready).to.equal(true);
  return { play, chunks };
}

/** The same chunk, as if it belonged to another transfer. */
function ofTransfer(letter: Letter, transfer: number): Letter {
  if (!('message' in letter.content) || letter.content.message.kind !== 'chunk') return expect.fail('a chunk');
  return { ...letter, content: { message: { ...letter.content.message, transfer } } };
}

function answerTo(stage: Stage, letter: Letter): unknown {
  for (const effect of stage.deliver({ ...letter, twice: true })) if (effect.kind === 'answer') return effect.answer;
  return undefined;
}

function goOn(play: Play, moment: (typeof MOMENTS)[number]): void {
  const { stage } = play;
  if (moment === 'as soon as it has the entries since') return;
  write(play, 'key-0', 'newer');
  write(play, 'one-more', 'v');
  if (moment === 'after more was written') return;
  const isSame = moment === 'in the next view of the same primary';
  const next = isSame ? viewOf(4, 'A', ['C']) : viewOf(4, 'B', ['C']);
  const members = isSame ? ['A', 'C'] : ['B', 'C'];
  stage.now += 300;
  for (const server of members) stage.pinged(server, next);
  stage.settle(members);
}

/** Everybody else dies: C alone still has all of it. */
function expectEverythingAtC({ stage, values }: Play): void {
  expect(stage.replica('C').status().ready, 'C is in sync').to.equal(true);
  stage.now += 300;
  stage.pinged('C', viewOf(6, 'C'));
  stage.settle(['C']);
  for (const [key, value] of values) expect(readAt(stage, 'C', key, ['C']), key).to.equal(value);
}

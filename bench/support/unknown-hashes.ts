/**
 * Long histories with many `putHash` of unknown outcome: the hardest ones for the checker. A number names each of them.
 */
import { type History, SeededRandom } from '@understudy/testkit';
import { longHistory, type Mix, withStaleRead } from './history.ts';

/** `isGood`: it is a real execution. Of the others one read is wrong, so most of them are violations. */
export interface NumberedHistory {
  readonly history: History;
  readonly isGood: boolean;
  readonly shape: string;
}

const MIXES: readonly Mix[] = [
  { get: 8, put: 4, append: 3, cas: 3, delete: 1, putHash: 1 },
  { get: 4, put: 2, append: 1, cas: 1, delete: 1, putHash: 3 },
  { get: 2, putHash: 1, put: 1 },
  { get: 2, putHash: 2 },
  { get: 1, putHash: 3, put: 1 },
];

/**
 * 7,000 to 20,000 operations. An even number gives a good history, an odd one the same kind with a read that is wrong.
 */
export function numberedHistory(number: number): NumberedHistory {
  const random = new SeededRandom(number);
  const shape = {
    seed: random.integer(1, 1_000_000),
    operations: random.integer(7_000, 20_000),
    keys: random.pick([1, 2, 5, 10, 20]),
    clients: random.pick([3, 5, 10, 20]),
    unknown: random.pick([0.005, 0.01, 0.03, 0.05]),
    mix: random.pick(MIXES),
    values: random.pick(['unique', 'unique', 2, 5, 20] as const),
  };
  const good = longHistory(shape);
  const isGood = number % 2 === 0;
  const history = isGood ? good : withStaleRead(good, random.number() * 0.9, random.pick([1, 2, 5]));
  return { history, isGood, shape: JSON.stringify(shape) };
}

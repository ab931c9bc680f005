/** The check of an append-only key: every kind of history that is not linearizable is caught, and none that is. */
import { expect } from 'chai';
import { Register } from '../support/cluster/register.ts';

/** `[kind, token, began, ended]`, and for a get what it read; no end: never answered. */
type Line =
  | readonly [kind: 'append', token: string, began: number, ended?: number]
  | readonly [kind: 'get', token: string, began: number, ended: number, value: string];

function registerOf(lines: readonly Line[]): Register {
  const register = new Register();
  for (const [kind, token, began, ended, value = ''] of lines) {
    register.begins(kind, token, began);
    if (ended !== undefined) register.ends(kind, token, ended, value);
  }
  return register;
}

const GOOD: readonly (readonly [what: string, ...lines: Line[]])[] = [
  ['nothing at all'],
  ['a read of nothing', ['get', 'r', 1, 2, '']],
  [
    'appends and a read, one after the other',
    ['append', 'a.', 1, 2],
    ['append', 'b.', 3, 4],
    ['get', 'r', 5, 6, 'a.b.'],
  ],
  [
    'appends at the same time, in either order',
    ['append', 'a.', 1, 4],
    ['append', 'b.', 2, 3],
    ['get', 'r', 5, 6, 'a.b.'],
  ],
  ['a read that overlaps an append and misses it', ['append', 'a.', 1, 4], ['get', 'r', 2, 3, '']],
  ['a read that overlaps an append and sees it', ['append', 'a.', 1, 4], ['get', 'r', 2, 3, 'a.']],
  ['an append without an answer that took effect', ['append', 'a.', 1], ['get', 'r', 9, 10, 'a.']],
  ['an append without an answer that did not', ['append', 'a.', 1], ['get', 'r', 9, 10, '']],
  [
    'reads at the same time, the later one older',
    ['append', 'a.', 1],
    ['get', 'r', 2, 9, 'a.'],
    ['get', 's', 3, 4, ''],
  ],
  ['an acknowledged append that nobody read any more', ['get', 'r', 1, 2, ''], ['append', 'a.', 3, 4]],
];

const BAD: readonly (readonly [what: string, error: RegExp, ...lines: Line[]])[] = [
  ['a lost append', /missed a\./, ['append', 'a.', 1, 2], ['get', 'r', 3, 4, '']],
  ['an append done twice', /more than once/, ['append', 'a.', 1, 2], ['get', 'r', 3, 4, 'a.a.']],
  ['a read of the future', /saw a\./, ['get', 'r', 1, 2, 'a.'], ['append', 'a.', 3, 4]],
  [
    'a stale read',
    /missed b\./,
    ['append', 'a.', 1, 2],
    ['append', 'b.', 3, 4],
    ['get', 'r', 5, 6, 'a.'],
    ['get', 's', 7, 8, 'a.b.'],
  ],
  [
    'a read that goes back in time, of an append without an answer',
    /went back in time/,
    ['append', 'a.', 1],
    ['get', 'r', 2, 3, 'a.'],
    ['get', 's', 4, 5, ''],
    ['get', 't', 6, 7, 'a.'],
  ],
  [
    'two orders',
    /reads disagree/,
    ['append', 'a.', 1, 9],
    ['append', 'b.', 1, 9],
    ['get', 'r', 2, 8, 'a.b.'],
    ['get', 's', 2, 8, 'b.a.'],
  ],
  [
    'an append before one that had been acknowledged when it began',
    /stands before a\./,
    ['append', 'a.', 1, 2],
    ['append', 'b.', 3, 4],
    ['get', 'r', 5, 6, 'b.a.'],
  ],
  [
    'an append that is read though an earlier one, acknowledged before, is not',
    /stands before a\./,
    ['append', 'a.', 1, 2],
    ['append', 'b.', 3],
    ['get', 'r', 1, 9, 'b.'],
  ],
  ['what nobody appended, at the end', /nobody appended/, ['append', 'a.', 1, 2], ['get', 'r', 3, 4, 'a.x']],
  ['what nobody appended, at the beginning', /nobody appended/, ['append', 'a.', 1, 2], ['get', 'r', 3, 4, 'xa.']],
];

describe('register', () => {
  for (const [what, ...lines] of GOOD) {
    it(`takes ${what}`, () => registerOf(lines).check());
  }

  for (const [what, error, ...lines] of BAD) {
    it(`refuses ${what}`, () => {
      const register = registerOf(lines);
      expect(() => register.check()).to.throw(error);
    });
  }
});

/** Sequences that have broken other view services: each a table. */
import { A_AND_B, A_B_AND_C, table } from './support/table.ts';

const TWO = { backups: 2 };

describe('restarts without data', () => {
  table('a lone primary that restarts blank is not the primary any more, and nobody else is (V3, R8)', {}, [
    [0, 'A/a1 0', '1:A'],
    [100, 'A/a1 1', '1:A ok'],
    [200, 'A/a2 0; B/b1 0', '1:A ok; 1:A ok'],
    ['300..3000', 'A/a2 0; B/b1 0', '1:A ok; 1:A ok'],
  ]);

  table('also inside view 1, before it acknowledged', {}, [
    [0, 'A/a1 0', '1:A'],
    [100, 'A/a2 0; B/b1 0', '1:A; 1:A'],
    ['200..3000', 'A/a2 1; A/a2 0; B/b1 0', '1:A; 1:A; 1:A'],
  ]);

  table('a backup that restarts blank within one ping interval is never promoted', {}, [
    ...A_AND_B,
    [250, 'B/b2 0', '2:A,B ok'],
    ['300..2000', 'B/b2 2; B/b2 0', '2:A,B ok; 2:A,B ok'],
  ]);

  table('bare too, even when it had never pinged above 0', {}, [
    [0, 'A 0', '1:A'],
    [100, 'B 0; A 1', '1:A; 2:A,B*'],
    [200, 'A 2', '2:A,B ok'],
    ['250..3000', 'B 0', '2:A,B ok'],
  ]);

  table('a backup that restarts blank joins anew, and is safe only after the next acknowledgement', {}, [
    ...A_AND_B,
    [250, 'B/b2 0; A/a1 2', '2:A,B ok; 3:A,B*'],
    ['300..800', 'B/b2 0', '3:A,B*'],
    [900, 'A/a1 3; B/b2 3', '3:A,B ok; 3:A,B ok'],
    ['1000..1300', 'B/b2 3', '3:A,B ok'],
    [1400, 'B/b2 3', '4:B'],
  ]);

  table('primary and backup restart blank at once: nobody is promoted, whoever pings first', {}, [
    ...A_AND_B,
    [300, 'B/b2 0; A/a2 0; C/c1 0', '2:A,B ok; 2:A,B ok; 2:A,B ok'],
    ['400..3000', 'C/c1 0; A/a2 0; B/b2 0', '2:A,B ok; 2:A,B ok; 2:A,B ok'],
  ]);
});

describe('pings out of order', () => {
  table('a late lower ping after an acknowledgement does not undo it', {}, [
    [0, 'A/a1 0 seq=1; A/a1 1 seq=2; B/b1 0 seq=1', '1:A; 1:A ok; 1:A ok'],
    [100, 'A/a1 1 seq=3', '2:A,B*'],
    [200, 'A/a1 2 seq=5; A/a1 1 seq=4; A/a1 0 seq=1', '2:A,B ok; 2:A,B ok; 2:A,B ok'],
    [300, 'B/b1 2 seq=2', '2:A,B ok'],
  ]);

  table('the same, bare', {}, [
    [0, 'A 0; A 1; B 0; A 1', '1:A; 1:A ok; 1:A ok; 2:A,B*'],
    [100, 'A 2; A 1; B 2', '2:A,B ok; 2:A,B ok; 2:A,B ok'],
    ['200..1000', 'A 1; B 2', '2:A,B ok; 2:A,B ok'],
  ]);

  table('a first ping repeated, because its answer was slow, costs no seat', {}, [
    [0, 'A/a1 0 seq=1; A/a1 0 seq=2; A/a1 0 seq=1', '1:A; 1:A; 1:A'],
    [100, 'B/b1 0 seq=1; A/a1 1 seq=3', '1:A; 2:A,B*'],
    [150, 'B/b1 0 seq=2; B/b1 0 seq=1; A/a1 0 seq=2', '2:A,B*; 2:A,B*; 2:A,B*'],
    [200, 'A/a1 2 seq=4; B/b1 2 seq=3; B/b1 0 seq=2', '2:A,B ok; 2:A,B ok; 2:A,B ok'],
  ]);

  table('the same, bare', {}, [
    [0, 'A 0; A 0', '1:A; 1:A'],
    [100, 'B 0; A 1; B 0; B 0', '1:A; 2:A,B*; 2:A,B*; 2:A,B*'],
    [200, 'A 2; B 2', '2:A,B ok; 2:A,B ok'],
  ]);
});

describe('deaths at a bad time', () => {
  table('a primary that dies before it acknowledged is waited for', {}, [
    ...A_AND_B.slice(0, 2),
    ['200..3000', 'B/b1 0', '2:A,B*'],
    [3100, 'A/a1 1; A/a1 2; B/b1 2', '2:A,B*; 2:A,B ok; 2:A,B ok'],
  ]);

  table('a primary that dies before it acknowledged its own promotion is followed by who was safe before', TWO, [
    ...A_B_AND_C,
    ['500..900', 'B/b1 3; C/c1 3', '4:B,C; 4:B,C'],
    ['1000..1300', 'C/c1 3', '4:B,C'],
    [1400, 'C/c1 3', '5:C'],
  ]);

  table('a backup that dies while it is syncing leaves, and the next one joins', {}, [
    ...A_AND_B.slice(0, 2),
    ['200..500', 'A/a1 1; C/c1 0', '2:A,B*; 2:A,B*'],
    [600, 'A/a1 1; C/c1 0', '3:A; 3:A'],
    [700, 'C/c1 0; A/a1 3', '3:A; 4:A,C*'],
  ]);

  table('a backup that restarts blank while it is syncing starts over', {}, [
    ...A_AND_B.slice(0, 2),
    [200, 'B/b2 0; A/a1 1; A/a1 3', '2:A,B*; 3:A; 4:A,B*'],
    [300, 'B/b2 0; A/a1 4', '4:A,B*; 4:A,B ok'],
  ]);

  table('only a syncing backup is left: the view stands still', {}, [
    ...A_AND_B.slice(0, 2),
    ['200..3000', 'B/b1 2; C/c1 0', '2:A,B*; 2:A,B*'],
  ]);
});
